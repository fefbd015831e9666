# The connector's image, and a plain command (docs/install.md). Build: docker build -t source-sentry/source-sentry:0.1.0 .
# The listener's (docs/live.md): docker build --target listener -t source-sentry/source-sentry-listen:0.1.0 .
FROM docker.io/library/debian:bookworm-slim AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      g++ cmake ninja-build \
      libcurl4-openssl-dev libdeflate-dev libxxhash-dev libzstd-dev zlib1g-dev libsimdjson-dev nlohmann-json3-dev libspdlog-dev \
      libcli11-dev libjq-dev libyaml-cpp-dev
WORKDIR /source
COPY CMakeLists.txt CMakePresets.json ./
COPY cmake cmake
COPY schemas schemas
COPY src src
RUN cmake --preset release -DBUILD_LISTENER=OFF -DBUILD_TESTING=OFF -DBUILD_SANDBOX=OFF \
 && cmake --build --preset release --target source-sentry \
 && strip build/release/source-sentry

FROM build AS build-listener
RUN apt-get install -y --no-install-recommends pkg-config libboost-dev libhiredis-dev libssl-dev
COPY live live
RUN cmake --preset release -DBUILD_LISTENER=ON \
 && cmake --build --preset release --target source-sentry-listen \
 && strip build/release/source-sentry-listen

FROM docker.io/library/debian:bookworm-slim AS listener
# The user's number is the connector's, who may then read what is kept here.
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      libcurl4 libdeflate0 libzstd1 zlib1g libsimdjson14 libspdlog1.10 libfmt9 libjq1 libyaml-cpp0.7 libssl3 libhiredis0.14 \
      ca-certificates \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old /var/log/* \
           /usr/share/doc /usr/share/man /usr/share/info /usr/share/locale \
 && groupadd --gid 1000 listen \
 && useradd --uid 1000 --gid listen --home-dir /var/lib/source-sentry --no-create-home --no-log-init listen \
 && install -d -m 700 -o listen -g listen /var/lib/source-sentry
COPY --from=build-listener /source/build/release/source-sentry-listen /usr/bin/source-sentry-listen
# By its number, so that Kubernetes can tell that it is not root.
USER 1000:1000
WORKDIR /var/lib/source-sentry
ENV STATE_DIRECTORY=/var/lib/source-sentry
VOLUME /var/lib/source-sentry
EXPOSE 8080
ENTRYPOINT ["/usr/bin/source-sentry-listen"]
# Inside the container, so that a published port reaches it; and health, which is not to be published.
CMD ["--listen", "0.0.0.0:8080", "--health", "0.0.0.0:8081"]
LABEL org.opencontainers.image.title=source-sentry-listen \
      org.opencontainers.image.description="Takes in Sentry's webhooks and makes records of them" \
      org.opencontainers.image.version=0.1.0 \
      org.opencontainers.image.licenses=MIT \
      org.opencontainers.image.source=https://github.com/source-sentry/source-sentry \
      org.opencontainers.image.documentation=https://github.com/source-sentry/source-sentry/blob/main/docs/live.md

FROM docker.io/library/debian:bookworm-slim
# Airbyte's pods start connectors from a shell script, so the image keeps sh and coreutils.
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      libcurl4 libdeflate0 libzstd1 zlib1g libsimdjson14 libspdlog1.10 libfmt9 libjq1 libyaml-cpp0.7 ca-certificates \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old /var/log/* \
           /usr/share/doc /usr/share/man /usr/share/info /usr/share/locale \
 && groupadd --gid 1000 airbyte \
 && useradd --uid 1000 --gid airbyte --home-dir /airbyte --no-log-init airbyte \
 && mkdir -p /airbyte/integration_code /config /source /secrets \
 && chown -R airbyte:airbyte /airbyte /config /source /secrets
COPY --from=build /source/build/release/source-sentry /airbyte/integration_code/source-sentry
USER airbyte
WORKDIR /airbyte/integration_code
# Airbyte's platform runs this variable and not the entry point; both must say the same.
ENV AIRBYTE_ENTRYPOINT=/airbyte/integration_code/source-sentry
ENTRYPOINT ["/airbyte/integration_code/source-sentry"]
LABEL io.airbyte.name=source-sentry/source-sentry
LABEL io.airbyte.version=0.1.0
LABEL org.opencontainers.image.title=source-sentry \
      org.opencontainers.image.description="Gets data out of Sentry, as files or as Airbyte messages" \
      org.opencontainers.image.version=0.1.0 \
      org.opencontainers.image.licenses=MIT \
      org.opencontainers.image.source=https://github.com/source-sentry/source-sentry \
      org.opencontainers.image.documentation=https://github.com/source-sentry/source-sentry/blob/main/docs/install.md
