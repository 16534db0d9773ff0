# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Certificates for test servers, that hold at other times than now.

# certificate_for NAME SUBJECT_ALT_NAMES [START END]: NAME.pem and NAME.key; it holds from START to
# END ("20200101000000Z"), or now. NAME.pem is its own authority.
certificate_for() {
  local now_valid=(-days 2)
  [[ -z ${3-} ]] || now_valid=(-startdate "$3" -enddate "$4")
  : >"$1.index"
  cat >"$1.cnf" <<EOF
[ca]
default_ca = own
[own]
database = $1.index
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = any
x509_extensions = names
[any]
commonName = supplied
[names]
subjectAltName = $2
EOF
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1.example" \
    -keyout "$1.key" -out "$1.csr" 2>/dev/null &&
    openssl ca -config "$1.cnf" -selfsign -batch -notext -keyfile "$1.key" -in "$1.csr" \
      -out "$1.pem" "${now_valid[@]}" 2>/dev/null
}
