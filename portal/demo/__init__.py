"""What the demo shows: invented people and projects around one real pooled dataset."""
