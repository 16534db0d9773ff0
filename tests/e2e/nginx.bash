# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # tests read url and https_url; servers.bash sets spawned
# A real nginx as the peer: load after servers.bash. Its access log says what arrived, and how.

# start_nginx: sets $nginx, $url, $https_url and $h2c_url (HTTP/2 alone, without TLS); access.log
# has a line for each request:
#   PROTOCOL METHOD URI STATUS IDEMPOTENCY-KEY
start_nginx() {
  command -v nginx > /dev/null || PATH=$PATH:/usr/sbin
  command -v nginx > /dev/null || skip 'nginx is not installed'
  certificate
  local try
  for try in 1 2 3 4 5; do
    local port=$((20000 + RANDOM % 12000))
    url=http://127.0.0.1:$port https_url=https://127.0.0.1:$((port + 1))
    h2c_url=http://127.0.0.1:$((port + 2))
    nginx_configuration "$port" > nginx.conf
    spawn "nginx.$try.log" nginx -p "$PWD" -c nginx.conf
    nginx=$spawned
    if is_up "nginx.$try.log"; then return; fi
  done
  cat nginx.*.log >&2
  return 1
}

# start_nginx_again: with the configuration that it had.
start_nginx_again() {
  spawn nginx.again.log nginx -p "$PWD" -c nginx.conf
  nginx=$spawned
  is_up nginx.again.log
}

# is_up LOG: it says on which system it runs when it listens, and why it cannot when it does not.
is_up() { wait_for_lines "$1" 1 ' OS: | \[emerg\] ' "$nginx" && ! grep -q ' \[emerg\] ' "$1"; }

certificate() {
  [[ -e cert.pem ]] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 -keyout key.pem -out cert.pem \
    2> /dev/null
}

nginx_configuration() {
  local user=
  [[ $EUID -ne 0 ]] || user='user root;'
  cat << EOF
$user daemon off; master_process off; pid nginx.pid; error_log stderr notice;
events { worker_connections 256; }
http {
  log_format told '\$server_protocol \$request_method \$request_uri \$status \$http_idempotency_key';
  access_log access.log told;
  client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4;
  scgi_temp_path t5; client_max_body_size 0;
  server {
    listen 127.0.0.1:$1;
    listen 127.0.0.1:$(($1 + 1)) ssl http2;
    listen 127.0.0.1:$(($1 + 2)) http2;
    ssl_certificate cert.pem; ssl_certificate_key key.pem;
    # By way of a proxy: a plain "return" answers and resets an HTTP/2 stream before it has read the
    # body, and libcurl may then fail to send that (curl issue 22984).
    location / { proxy_pass http://127.0.0.1:$1/answer/; }
    location /answer/ { access_log off; return 200 '{"ok":true}'; }
    location /login { default_type text/html; return 200 '<html>log in</html>'; }
    location /gone { return 404 'no such thing'; }
    location /busy { add_header Retry-After 120 always; return 503; }
    location /away { return 302 http://127.0.0.2/elsewhere; }
  }
}
EOF
}
