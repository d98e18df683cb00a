// azreach as a library: import a snapshot, build the network, ask.
//
//   azreach::Imported imported = azreach::import_paths({"net/"});
//   azreach::Network network(imported.snapshot, azreach::Assumptions(azreach::Reading::strict));
//   azreach::Reachability reachability(network);
//   azreach::Endpoints endpoints(network);
//   azreach::QueryAnswer answer = azreach::query(network, reachability, endpoints, "vm-web",
//   "vm-db",
//                                                "tcp/1433", *azreach::parse_service("tcp/1433"));
//
// `imported` must outlive `network`, and `network` everything that is asked of it.
#pragma once

#include "src/arm/import.hpp"
#include "src/engine/query.hpp"
#include "src/engine/show.hpp"
#include "src/report/json.hpp"
#include "src/report/text.hpp"
