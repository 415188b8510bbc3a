# Texture Lab with the weights of VGG-19 inside; docs/operations.md tells how to build and run it.
#
#   docker build -t texture-lab .
#   docker run --rm -p 127.0.0.1:5000:5000 -v texture-data:/data texture-lab
#
# It prints a link with an access token: inside a container the app listens on every address.

FROM node:24-slim AS front-end
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts


FROM python:3.11-slim AS builder
# The index to take torch and torchvision from, where it is not the usual one: a smaller CPU build, or another CUDA.
ARG TORCH_INDEX=""
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
COPY requirements.txt requirements-scale.txt ./
RUN python -m venv .venv \
    && if [ -n "$TORCH_INDEX" ]; then \
         grep -E '^(torch|torchvision)==' requirements.txt > torch.txt \
         && .venv/bin/pip install --no-deps --index-url "$TORCH_INDEX" -r torch.txt; \
       fi \
    && .venv/bin/pip install -r requirements-scale.txt
COPY tools/setup.py tools/
COPY --from=front-end /app/node_modules node_modules
RUN python -c "import sys; sys.path.insert(0, 'tools'); import setup; setup.copy_vendor(setup.ROOT / 'static/vendor')"
COPY texture texture
COPY samples samples
RUN TEXTURE_CACHE=/weights .venv/bin/python -m texture weights
# the inner loops of match, compiled for the processor that builds the image; another one compiles its own
RUN .venv/bin/python -m texture match sample:pebbles --size 32 --rounds 1 -o /tmp/tiny.png


FROM python:3.11-slim
RUN useradd --uid 10001 --create-home texture && install -d -o texture -g texture /data
WORKDIR /app
COPY --from=builder /app/.venv .venv
COPY --from=builder /weights /weights
COPY app.py ./
COPY --from=builder /app/texture texture
COPY templates templates
COPY static static
COPY samples samples
COPY --from=builder /app/static/vendor static/vendor
ENV PYTHONUNBUFFERED=1 \
    TEXTURE_HOST=0.0.0.0 \
    TEXTURE_PORT=5000 \
    TEXTURE_DATA=/data \
    TEXTURE_CACHE=/weights \
    TEXTURE_OFFLINE=1
USER texture
VOLUME /data
EXPOSE 5000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD [".venv/bin/python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:%s/api/health' % os.environ['TEXTURE_PORT'], timeout=4)"]
CMD [".venv/bin/python", "app.py"]
