// SPDX-License-Identifier: MIT
#pragma once

// What follows from a verdict: for the operation, and for whoever watches the run. Pure.

#include "libcore/delivery/report.hpp"
#include "libcore/delivery/verdict.hpp"
#include "libcore/net/http.hpp"
#include "libcore/queue/entry.hpp"
#include "libcore/queue/transition.hpp"

namespace core::delivery {

// `again_at` is when an operation that is to be tried again may be.
queue::Event event_of(const Verdict& verdict, Time again_at);

// `exchange` is nullptr when nobody was asked. The destination is left to the caller.
Report report_of(const queue::Entry& entry, const Verdict& verdict, const queue::Transition& step,
                 const net::HttpExchange* exchange);

}  // namespace core::delivery
