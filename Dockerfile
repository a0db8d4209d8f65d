# Builds a small image with the functions and the runner, on the same Debian release as the build stage.
#
#   docker build -t llm-txt-mastery .
#   docker run --rm -e DATABASE_URL=postgresql://… -p 9000:9000 llm-txt-mastery
#
# Migrate the database before the first start:
#
#   docker run --rm -e DATABASE_URL=… llm-txt-mastery local-runner database migrate

FROM swift:6.2-bookworm AS build
RUN apt-get update \
  && apt-get install -y -q --no-install-recommends libpq-dev libcurl4-openssl-dev libssl-dev libxml2-dev zlib1g-dev \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
RUN bash -c 'source LocalRunner/setup.sh && link_archives' \
  && swift build -c release --static-swift-stdlib -Xlinker -s \
  && install -D -t /out/usr/local/lib/llm-txt-mastery \
    .build/release/analyze .build/release/checkout .build/release/generate .build/release/usage .build/release/webhook .build/release/local-runner \
  && cp -R .build/release/llm-txt-mastery_SampleSite.resources /out/usr/local/lib/llm-txt-mastery/

FROM debian:bookworm-slim
RUN apt-get update \
  && apt-get install -y -q --no-install-recommends ca-certificates curl libpq5 libcurl4 libxml2 zlib1g libstdc++6 \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --system --uid 10001 --no-create-home runner
COPY --from=build /out /
RUN ln -s /usr/local/lib/llm-txt-mastery/local-runner /usr/local/bin/local-runner
USER runner
ENV PORT=9000
EXPOSE 9000
HEALTHCHECK --interval=30s --timeout=3s --start-period=5s CMD curl -fsS "http://127.0.0.1:$PORT/health" >/dev/null || exit 1
CMD ["local-runner", "start"]
