// SPDX-License-Identifier: MIT
#pragma once

// The socket that a server listens on. For httpd.cpp only.

#include "libcore/base/result.hpp"
#include "libcore/net/httpd.hpp"
#include "libcore/sys/fd.hpp"

namespace core::net {

// Bound and listening, at the first address of the name that can be had. Errors: later when another
// program listens there, denied, usage for a host that is not known, io.
Result<sys::Fd> bind_socket(const ListenAddress& address);

// The port that a socket is bound to; 0 when it cannot be told.
int port_of(const sys::Fd& fd);

}  // namespace core::net
