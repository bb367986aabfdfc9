# The monitor and the operations. Node runs the sources as they are: nothing is built.
# The packages are fetched on the machine that builds, for the processor that runs them.
FROM --platform=$BUILDPLATFORM node:24.21.0-trixie-slim@sha256:173f125896c3b47ddf056734c7ea789d04595a6a08769a8f78e0df642781fb66 AS packages
ARG TARGETARCH
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund --os=linux --cpu="$(echo "$TARGETARCH" | sed s/amd64/x64/)"

# Node 24 on Debian 13, without a shell or a package manager.
FROM gcr.io/distroless/nodejs24-debian13:nonroot@sha256:9eeb7f5887d0e239e78264b06f7f11d2e14be534050481803a9e4728fcdd278e
WORKDIR /app
ENV NODE_ENV=production
COPY --from=packages /app/node_modules ./node_modules
COPY package.json config-namespace.ts settings.ts Pulumi.testnet.yaml Pulumi.mainnet.yaml ./
COPY aleo ./aleo
COPY monitor ./monitor
COPY operations ./operations
COPY contracts ./contracts
COPY runbooks ./runbooks
COPY docs ./docs
USER 65532:65532
ENTRYPOINT ["/nodejs/bin/node", "operations/cli.ts"]
