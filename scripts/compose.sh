#  What the scripts know of Compose: both its forms, the base image, a project of its own on free ports. Sourced.
# shellcheck shell=bash disable=SC2034

if docker compose version >/dev/null 2>&1; then
    compose=(docker compose)
else
    compose=(docker-compose)
fi

#  A port of the loopback where nobody listens.
free_port ()
{
    local port
    while :; do
        port=$((20000 + RANDOM % 10000))
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
    done
    printf '%d\n' "$port"
}

#  compose_prepare PROJECT: what docker-compose.yml asks for.
compose_prepare ()
{
    HEARTH_BASE=$("$(dirname "${BASH_SOURCE[0]}")/base-image") || return
    HEARTH_PORT=$(free_port)
    HEARTH_PUBLISH_PORT=$(free_port)
    COMPOSE_PROJECT_NAME=$1
    export HEARTH_BASE HEARTH_PORT HEARTH_PUBLISH_PORT COMPOSE_PROJECT_NAME
}
