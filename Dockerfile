# One image for web, workers, sweep and the preparing step; the command chooses.

FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
COPY requirements.lock /build/
RUN /opt/venv/bin/pip install --require-hashes --no-deps -r /build/requirements.lock
WORKDIR /srv/cohortium
COPY . .
# Collecting needs settings, but no server: these values are never used.
RUN STATIC_ROOT=/srv/static SECRET_KEY=build DATABASE_URL=postgres://build/build \
    REDIS_URL=redis://build COHORTIUM_HOME=/tmp/home \
    /opt/venv/bin/python manage.py collectstatic --no-input --verbosity 0

FROM python:3.11-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    COHORTIUM_HOME=/var/lib/cohortium STATIC_ROOT=/srv/static PORT=8000
RUN useradd --system --uid 10001 --user-group --home-dir /var/lib/cohortium cohortium \
    && install -d -o cohortium -g cohortium -m 700 /var/lib/cohortium
COPY --from=build /opt/venv /opt/venv
COPY --from=build /srv /srv
WORKDIR /srv/cohortium
USER cohortium
VOLUME /var/lib/cohortium
EXPOSE 8000
STOPSIGNAL SIGTERM
CMD ["python", "manage.py", "run", "--only", "web", "--host", "0.0.0.0"]
