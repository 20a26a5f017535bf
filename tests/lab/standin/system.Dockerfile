# pytorch/pytorch since 2.9: the system's Python, which says that it is managed by apt; pip in /usr/local; root; gcc.
ARG BASE
FROM ${BASE}
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends gcc python-is-python3 python3-dev python3-pip \
 && rm -rf /var/lib/apt/lists/* \
 && apt-get purge -y tmux
COPY ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
ENV PIP_CERT=/etc/ssl/certs/ca-certificates.crt NVIDIA_VISIBLE_DEVICES=all
RUN ls /usr/lib/python3*/EXTERNALLY-MANAGED && pip install --break-system-packages --upgrade --ignore-installed pip
WORKDIR /workspace
