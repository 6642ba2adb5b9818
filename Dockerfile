# An image that runs `oomscope live` on the node it is started on:
#   docker run --rm --cap-drop ALL --cap-add BPF --cap-add PERFMON --cap-add IPC_LOCK --pid host --network host \
#     --volume /sys/fs/bpf:/run/oomscope/bpf --volume /sys/fs/cgroup:/sys/fs/cgroup:ro IMAGE live --pin-dir /run/oomscope/bpf/oomscope
# --network host, since it listens on loopback unless there is a token (docs/security.md). On Kubernetes: deploy/.
# For amd64 and arm64: docker buildx build --platform linux/amd64,linux/arm64 .
# The other architecture than the builder's is cross-compiled. arm64 was started under user-mode emulation
# (node scripts/image.mjs --arch arm64), and never run on an arm64 kernel.

# The current LTS line of Node, pinned; scripts/image.mjs and scripts/test-node-lts.mjs take the version from here.
ARG NODE_IMAGE=node:24.21.0-bookworm

# On the builder's own processor, whatever the image is for: nothing is compiled under emulation.
FROM --platform=$BUILDPLATFORM ${NODE_IMAGE} AS build
ARG TARGETARCH
ENV OOMSCOPE_TARGET_ARCH=$TARGETARCH
WORKDIR /oomscope
# The packages change rarely: their layer comes before the sources.
COPY scripts/setup.sh scripts/setup.sh
RUN scripts/setup.sh build
COPY . .
RUN node scripts/build.mjs dependencies addon layout wire server page \
  && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

# Of the target's architecture. No compiler, no npm scripts: what runs, and the two libraries that the addon is linked with.
FROM ${NODE_IMAGE}-slim
RUN apt-get update \
  && apt-get install -y --no-install-recommends libbpf1 libelf1 \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /oomscope
COPY --from=build /oomscope/package.json ./
COPY --from=build /oomscope/node_modules node_modules
COPY --from=build /oomscope/build/Release/oomscope.node build/Release/oomscope.node
COPY --from=build /oomscope/dist dist
HEALTHCHECK --interval=30s --timeout=10s --retries=5 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:7070/healthz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/cli.js"]
CMD ["live"]
