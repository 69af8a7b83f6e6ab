#  One image for the broker, the services and the clients: docker build --build-arg BASE=$(scripts/base-image) -t hearth .
ARG BASE=debian:bookworm-slim

FROM ${BASE} AS build
WORKDIR /hearth
COPY scripts/setup scripts/
RUN scripts/setup
COPY . .
RUN cmake -S . -B /build -G Ninja -DCMAKE_BUILD_TYPE=Release -DHEARTH_TESTS=OFF \
    && cmake --build /build \
    && DESTDIR=/out cmake --install /build --strip --prefix /usr/local \
    && rm -rf /out/usr/local/include /out/usr/local/share /out/usr/local/lib/*.a /out/usr/local/lib/cmake /out/usr/local/lib/pkgconfig

FROM ${BASE}
RUN apt-get update -q \
    && apt-get install -q -y --no-install-recommends libczmq4 libmsgpackc2 libsodium23 libzmq5 \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* \
    && useradd --system --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin hearth
COPY --from=build /out/ /
RUN ldconfig
USER hearth
EXPOSE 9797 9798
#  Of the broker that HEARTH_BROKER names: this container's own unless a service or a client says otherwise.
HEALTHCHECK --interval=2s --timeout=5s --retries=5 CMD ["hearth", "ping"]
CMD ["hearth-broker"]
