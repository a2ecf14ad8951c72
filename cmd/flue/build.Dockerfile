# NAME in a container with nothing else in it. In this folder:
#   docker build -t NAME .
#   docker run --rm -e ANTHROPIC_API_KEY -v NAME:/data NAME run AGENT --payload '{}'
# Keys are given when it runs, never here.

# A container from scratch has no certificates to trust and no folder to write to: both come from this stage.
FROM alpine:3 AS files
RUN mkdir -p /new/data /new/tmp

FROM scratch
COPY --from=files /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=files --chown=65532:65532 /new/ /
COPY --chmod=755 NAME /NAME
USER 65532:65532
# Sessions are kept here, in NAME.db.
WORKDIR /data
VOLUME /data
EXPOSE 3000
ENTRYPOINT ["/NAME"]
CMD ["list"]
