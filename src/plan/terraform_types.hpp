// The parts of the table of terraform_table.hpp, by what the types are about.
#pragma once

#include <span>

#include "src/plan/terraform_table.hpp"

namespace azreach::terraform {

/// The services of Azure that have firewalls of their own, and the rules of these.
std::span<const Type> service_types();
std::span<const Join> service_joins();
/// Azure Firewall, its policies, IP groups, Virtual WAN, DNS.
std::span<const Type> hub_types();
std::span<const Join> hub_joins();

}  // namespace azreach::terraform
