# pytorch/pytorch up to 2.8: Python of its own with its headers in /opt/conda, first on the PATH; root; no compiler.
ARG BASE
FROM ${BASE}
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends python3-dev python3-venv \
 && rm -rf /var/lib/apt/lists/* \
 && apt-get purge -y tmux
COPY ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
RUN python3 -m venv /opt/conda
ENV PATH=/opt/conda/bin:$PATH PIP_CERT=/etc/ssl/certs/ca-certificates.crt NVIDIA_VISIBLE_DEVICES=all
WORKDIR /workspace
