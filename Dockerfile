FROM python:3.13-slim-trixie

RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --user-group --no-create-home opus

WORKDIR /srv/opus
COPY requirements/run.lock requirements/
RUN pip install --no-cache-dir --no-deps --require-hashes --only-binary=:all: \
        -r requirements/run.lock

COPY . .
# The printer keeps its list of fonts in /tmp: nothing else can be written.
ENV OPUS_STATIC_ROOT=/srv/static PYTHONUNBUFFERED=1 XDG_CACHE_HOME=/tmp
# Reads no database and no broker, but the settings want their addresses.
RUN OPUS_DEMO=1 DATABASE_URL=postgres://nowhere/opus REDIS_URL=redis://nowhere/0 \
    python manage.py collectstatic --no-input

USER opus
EXPOSE 8000
CMD ["gunicorn", "--config", "opus/gunicorn.py", "opus.wsgi"]
