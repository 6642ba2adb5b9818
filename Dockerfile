# An image that runs `oomscope live` on the node it is started on:
#   docker run --rm --cap-drop ALL --cap-add BPF --cap-add PERFMON --network host --volume /sys/fs/bpf:/sys/fs/bpf IMAGE
# --network host, since the server answers on loopback only. Other needs of the host: docs/requirements.md.

ARG NODE_IMAGE=node:20-bookworm

FROM ${NODE_IMAGE} AS build
WORKDIR /oomscope
# The packages change rarely: their layer comes before the sources.
COPY scripts/setup.sh scripts/setup.sh
RUN scripts/setup.sh build
COPY . .
RUN node scripts/build.mjs dependencies addon layout wire server page \
  && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

# No compiler, no npm scripts: what runs, and the two libraries that the addon is linked with.
FROM ${NODE_IMAGE}-slim
RUN apt-get update \
  && apt-get install -y --no-install-recommends libbpf1 libelf1 \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /oomscope
COPY --from=build /oomscope/package.json ./
COPY --from=build /oomscope/node_modules node_modules
COPY --from=build /oomscope/build/Release/oomscope.node build/Release/oomscope.node
COPY --from=build /oomscope/dist dist
ENTRYPOINT ["node", "dist/cli.js"]
CMD ["live"]
