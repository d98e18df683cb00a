#include "tests/oracle/generate.hpp"

#include <nlohmann/json.hpp>

namespace azreach::oracle {

using Json = nlohmann::ordered_json;

std::uint64_t Dice::next() {  // splitmix64
    state_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
}

std::string_view to_string(Profile profile) {
    static constexpr std::string_view kNames[] = {"flat", "peered",    "routed", "edges", "gateways",
                                                  "avnm", "endpoints", "v6",     "gaps",  "mixed"};
    return kNames[static_cast<std::size_t>(profile)];
}

std::optional<Profile> profile_of(std::string_view name) {
    for (const Profile profile : kProfiles) {
        if (to_string(profile) == name) {
            return profile;
        }
    }
    return std::nullopt;
}

std::string to_string(const Question& question) {
    const Service& service = question.packet.service;
    std::string text;
    switch (question.origin.kind) {
        case Origin::Kind::nic:
            text = std::string(question.origin.nic.name()) + "(" +
                   azreach::to_string(question.origin.address) + ")";
            break;
        case Origin::Kind::internet: text = "internet"; break;
        case Origin::Kind::onprem: text = "onprem"; break;
    }
    return text + ": " + azreach::to_string(question.packet.src) + " -> " +
           azreach::to_string(question.packet.dst) + " protocol " +
           std::to_string(service.protocol) + " " + std::to_string(service.a) + " " +
           std::to_string(service.b);
}

namespace {

/// What a profile is made of: chances in percent, counts as they are.
struct Features {
    int vnets = 1, subnets = 2, nics = 2;  // NICs a subnet, at most
    int groups = 60;                       // a subnet or NIC has a security group
    int public_ips = 20;                   // a NIC has a public address
    int application_groups = 0;
    int odd_prefixes = 8;                  // a VNet with an unusual address space
    int peerings = 0, odd_peerings = 0, subnet_peerings = 0, regions = 0;
    int appliances = 0, route_tables = 0, internal_balancers = 0, public_balancers = 0;
    int nat_gateways = 0, private_subnets = 0, secondary = 10;
    int gateways = 0, transit = 0;
    int admin_rules = 0, meshes = 0;
    int private_endpoints = 0, service_endpoints = 0;
    int v6 = 0;
    int gaps = 0;
    int internet_origin = 15, onprem_origin = 0;
};

Features features_of(Profile profile) {
    Features f;
    switch (profile) {
        case Profile::flat:
            f.subnets = 3, f.application_groups = 40, f.service_endpoints = 10;
            break;
        case Profile::peered:
            f.vnets = 4, f.groups = 40, f.peerings = 90, f.odd_peerings = 25, f.subnet_peerings = 15;
            f.regions = 30, f.public_ips = 5;
            break;
        case Profile::routed:
            f.vnets = 3, f.groups = 25, f.peerings = 90, f.odd_peerings = 10, f.appliances = 90;
            f.route_tables = 70, f.internal_balancers = 60, f.regions = 10, f.public_ips = 20;
            break;
        case Profile::edges:
            f.vnets = 2, f.groups = 50, f.public_ips = 45, f.public_balancers = 80;
            f.internal_balancers = 50, f.nat_gateways = 25, f.private_subnets = 25, f.peerings = 50;
            f.internet_origin = 45, f.regions = 40, f.secondary = 25;
            break;
        case Profile::gateways:
            f.vnets = 4, f.groups = 30, f.peerings = 80, f.gateways = 100, f.transit = 70;
            f.route_tables = 40, f.appliances = 40, f.public_ips = 5, f.onprem_origin = 40;
            f.internet_origin = 5;
            break;
        case Profile::avnm:
            f.vnets = 4, f.groups = 40, f.peerings = 25, f.admin_rules = 100, f.meshes = 60;
            f.regions = 30, f.odd_prefixes = 25, f.public_ips = 20, f.private_endpoints = 20;
            break;
        case Profile::endpoints:
            f.vnets = 3, f.groups = 50, f.peerings = 70, f.route_tables = 50, f.appliances = 60;
            f.private_endpoints = 100, f.service_endpoints = 50, f.gateways = 20, f.transit = 50;
            f.onprem_origin = 8;
            break;
        case Profile::v6:
            f.vnets = 2, f.groups = 60, f.v6 = 100, f.peerings = 60, f.route_tables = 40;
            f.appliances = 40, f.public_ips = 40, f.public_balancers = 40, f.internal_balancers = 30;
            f.internet_origin = 30;
            break;
        case Profile::gaps:
            f.vnets = 3, f.groups = 60, f.peerings = 60, f.route_tables = 40, f.appliances = 40;
            f.public_ips = 30, f.gateways = 30, f.transit = 40, f.onprem_origin = 10, f.gaps = 100;
            f.internal_balancers = 20, f.public_balancers = 30, f.application_groups = 20;
            f.nat_gateways = 15, f.admin_rules = 20, f.private_endpoints = 30;
            break;
        case Profile::mixed:
            f.vnets = 4, f.groups = 40, f.peerings = 70, f.odd_peerings = 15, f.subnet_peerings = 5;
            f.regions = 20, f.route_tables = 40, f.appliances = 50, f.public_ips = 25;
            f.gateways = 35, f.transit = 50, f.onprem_origin = 12, f.internal_balancers = 30;
            f.public_balancers = 30, f.application_groups = 20, f.nat_gateways = 15;
            f.private_subnets = 15, f.admin_rules = 35, f.meshes = 25, f.private_endpoints = 35;
            f.service_endpoints = 20, f.v6 = 20;
            break;
    }
    return f;
}

class Network {
  public:
    Network(std::uint64_t seed, Profile profile)
        : dice_(seed * 1000003U + static_cast<std::uint64_t>(profile) + 1),
          f_(features_of(profile)) {}

    Generated build(std::size_t questions) {
        public_pool();
        vnets();
        if (dice_.chance(f_.gateways)) {
            gateways();
        }
        application_groups();
        machines();
        appliances();
        balancers();
        private_endpoints();
        peerings();
        nat_gateways();
        security_groups();
        route_tables();
        network_manager();
        gaps();
        Generated generated;
        generated.service_tags = service_tags();
        for (std::size_t i = 0; i < questions; ++i) {
            generated.questions.push_back(question());
        }
        generated.arm = text();
        return generated;
    }

  private:
    struct SubnetPlan {
        std::size_t vnet = 0, index = 0;
        std::string id, name, prefix;
        std::string base;     // "10.1.2."
        std::string base_v6;  // "fd00:1:2::", "" if IPv4 only
        int next_host = 4;
        bool ordinary = true;  // NICs may stand here
    };
    struct NicPlan {
        std::size_t resource = 0;
        std::string id;
        std::vector<std::string> configs;    // ids
        std::vector<std::string> addresses;  // one a configuration
        std::size_t subnet = 0;
        bool forwarding = false;
    };
    struct VnetPlan {
        std::size_t resource = 0;
        std::string id, name, location;
        std::vector<std::string> prefixes;
        int number = 0;
        bool v6 = false, has_gateway = false, uses_remote = false;
    };

    // ---- ids and text --
    std::string id(const std::string& type, const std::string& name) const {
        return "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.Network/" + type + "/" +
               name;
    }
    static Json ref(const std::string& id) { return Json{{"id", id}}; }

    std::size_t add(const std::string& type, const std::string& name, Json properties,
                    const std::string& location = "westeurope") {
        Json resource = {{"id", id(type, name)},
                         {"name", name},
                         {"type", "Microsoft.Network/" + type},
                         {"location", location},
                         {"properties", std::move(properties)}};
        resources_.push_back(std::move(resource));
        return resources_.size() - 1;
    }
    Json& properties(std::size_t resource) { return resources_[resource]["properties"]; }
    Json& subnet_json(const SubnetPlan& subnet) {
        return properties(vnets_[subnet.vnet].resource)["subnets"][subnet.index]["properties"];
    }

    std::string text() {
        Json all = Json::array();
        for (const Json& resource : resources_) {
            if (!resource.is_null()) {
                all.push_back(resource);
            }
        }
        switch (dice_.below(3)) {
            case 0: return Json{{"value", all}}.dump(1);
            case 1:
                return Json{{"totalRecords", all.size()}, {"count", all.size()}, {"data", all},
                            {"resultTruncated", "false"}}
                    .dump(1);
            default: return all.dump(1);
        }
    }

    // ---- pools --
    void public_pool() {
        for (int host = 8; host < 24; ++host) {
            free_public_.push_back("20.0.0." + std::to_string(host));
        }
        for (int host = 8; host < 16; ++host) {
            free_public_v6_.push_back("2603:1030::" + std::to_string(host));
        }
        clients_ = {"8.8.8.8", "20.0.0.1", "52.0.0.5", "52.0.1.5", "52.1.0.7", "45.0.0.1",
                    "20.0.0.40"};
        clients_v6_ = {"2a00::1", "2603:1030::1", "2603:1040::5"};
        sites_ = {"10.200.0.4", "10.200.1.4", "192.168.7.9", "172.20.0.5", "10.9.9.9"};
    }
    std::string take_public(bool v6 = false) {
        std::vector<std::string>& pool = v6 ? free_public_v6_ : free_public_;
        if (pool.empty()) {
            return "";
        }
        const std::size_t at = dice_.below(pool.size());
        std::string address = pool[at];
        pool.erase(pool.begin() + static_cast<std::ptrdiff_t>(at));
        (v6 ? public_v6_ : public_).push_back(address);
        return address;
    }

    // ---- VNets and subnets --
    void vnets() {
        const int count = f_.vnets <= 1 ? 1 : 1 + static_cast<int>(dice_.below(
                                                      static_cast<std::size_t>(f_.vnets)));
        const int at_least = f_.vnets > 1 ? std::max(count, 2) : 1;
        for (int n = 0; n < at_least; ++n) {
            VnetPlan vnet;
            vnet.number = n;
            vnet.name = "vnet" + std::to_string(n);
            vnet.id = id("virtualNetworks", vnet.name);
            vnet.location = dice_.chance(f_.regions) ? "northeurope" : "westeurope";
            vnet.v6 = dice_.chance(f_.v6);
            const std::string own = "10." + std::to_string(n);
            vnet.prefixes = {own + ".0.0/16"};
            if (dice_.chance(f_.odd_prefixes)) {
                static const std::vector<std::string> kOdd = {
                    "172.16.0.0/12", "192.168.0.0/16", "192.168.7.0/24", "172.16.0.0/11",
                    "100.64.0.0/10", "10.200.0.0/16", "10.1.2.0/24"};
                vnet.prefixes.push_back(dice_.of(kOdd));
            }
            if (vnet.v6) {
                vnet.prefixes.push_back("fd00:" + std::to_string(n) + "::/48");
            }
            Json spaces = vnet.prefixes;
            vnet.resource = add("virtualNetworks", vnet.name,
                                {{"addressSpace", {{"addressPrefixes", spaces}}},
                                 {"subnets", Json::array()},
                                 {"virtualNetworkPeerings", Json::array()}},
                                vnet.location);
            vnets_.push_back(vnet);
            const int subnets = 1 + static_cast<int>(dice_.below(
                                        static_cast<std::size_t>(f_.subnets)));
            for (int s = 0; s < subnets; ++s) {
                add_subnet(vnets_.size() - 1, "snet" + std::to_string(s), s + 1, true);
            }
        }
    }

    SubnetPlan& add_subnet(std::size_t vnet_index, const std::string& name, int third,
                           bool ordinary) {
        const VnetPlan& vnet = vnets_[vnet_index];
        SubnetPlan subnet;
        subnet.vnet = vnet_index;
        subnet.name = name;
        subnet.id = vnet.id + "/subnets/" + name;
        subnet.base = "10." + std::to_string(vnet.number) + "." + std::to_string(third) + ".";
        subnet.prefix = subnet.base + "0/" + (dice_.chance(50) ? "24" : "28");
        subnet.ordinary = ordinary;
        Json body = Json::object();
        if (vnet.v6 && ordinary) {
            subnet.base_v6 =
                "fd00:" + std::to_string(vnet.number) + ":0:" + std::to_string(third) + "::";
            body["addressPrefixes"] = {subnet.prefix, subnet.base_v6 + "/64"};
        } else if (dice_.chance(50)) {
            body["addressPrefix"] = subnet.prefix;
        } else {
            body["addressPrefixes"] = {subnet.prefix};
            body["addressPrefix"] = "";
        }
        if (ordinary && dice_.chance(f_.private_subnets)) {
            body["defaultOutboundAccess"] = false;
        } else if (dice_.chance(10)) {
            body["defaultOutboundAccess"] = nullptr;
        }
        if (ordinary && dice_.chance(f_.service_endpoints)) {
            Json endpoints = Json::array();
            for (const char* service : {"Microsoft.Storage", "Microsoft.Sql"}) {
                if (dice_.chance(60)) {
                    endpoints.push_back({{"service", service}, {"locations", {"*"}}});
                }
            }
            body["serviceEndpoints"] = endpoints;
        }
        Json& list = properties(vnet.resource)["subnets"];
        subnet.index = list.size();
        list.push_back({{"id", subnet.id}, {"name", name}, {"properties", body}});
        subnets_.push_back(subnet);
        return subnets_.back();
    }

    std::string next_address(SubnetPlan& subnet) {
        std::string address = subnet.base + std::to_string(subnet.next_host);
        ++subnet.next_host;
        held_.push_back(address);
        return address;
    }

    // ---- machines --
    void application_groups() {
        if (f_.application_groups == 0) {
            return;
        }
        for (const char* name : {"asg-a", "asg-b"}) {
            application_groups_.push_back(id("applicationSecurityGroups", name));
            add("applicationSecurityGroups", name, Json::object());
        }
    }

    void machines() {
        for (std::size_t s = 0; s < subnets_.size(); ++s) {
            if (!subnets_[s].ordinary) {
                continue;
            }
            const std::size_t count = dice_.below(static_cast<std::size_t>(f_.nics) + 1);
            for (std::size_t n = 0; n < count || (s == 0 && n == 0); ++n) {
                add_machine(s, "nic" + std::to_string(nics_.size()), dice_.chance(5));
            }
        }
    }

    std::size_t add_machine(std::size_t subnet_index, const std::string& name, bool forwarding) {
        SubnetPlan& subnet = subnets_[subnet_index];
        NicPlan nic;
        nic.id = id("networkInterfaces", name);
        nic.subnet = subnet_index;
        nic.forwarding = forwarding;
        Json configs = Json::array();
        const int addresses = dice_.chance(f_.secondary) ? 2 : 1;
        for (int n = 0; n < addresses; ++n) {
            const std::string config_name = "ipconfig" + std::to_string(n);
            const std::string address = next_address(subnet);
            Json config = {{"privateIPAddress", address},
                           {"privateIPAllocationMethod", "Dynamic"},
                           {"privateIPAddressVersion", "IPv4"},
                           {"primary", n == 0},
                           {"subnet", ref(subnet.id)}};
            if (dice_.chance(f_.application_groups)) {
                config["applicationSecurityGroups"] =
                    Json::array({ref(dice_.of(application_groups_))});
            }
            const std::string config_id = nic.id + "/ipConfigurations/" + config_name;
            if (dice_.chance(f_.public_ips)) {
                config["publicIPAddress"] = ref(add_public_ip(config_id, false));
            }
            nic.configs.push_back(config_id);
            nic.addresses.push_back(address);
            configs.push_back({{"id", config_id}, {"name", config_name}, {"properties", config}});
        }
        if (!subnet.base_v6.empty()) {
            const std::string address = subnet.base_v6 + std::to_string(subnet.next_host + 90);
            ++subnet.next_host;
            held_v6_.push_back(address);
            const std::string config_id = nic.id + "/ipConfigurations/ipconfig-v6";
            Json config = {{"privateIPAddress", address},
                           {"privateIPAddressVersion", "IPv6"},
                           {"primary", false},
                           {"subnet", ref(subnet.id)}};
            if (dice_.chance(f_.public_ips)) {
                config["publicIPAddress"] = ref(add_public_ip(config_id, true));
            }
            nic.configs.push_back(config_id);
            nic.addresses.push_back(address);
            configs.push_back(
                {{"id", config_id}, {"name", "ipconfig-v6"}, {"properties", config}});
        }
        const std::string vm = "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.Compute/"
                               "virtualMachines/vm-" +
                               name;
        Json body = {{"enableIPForwarding", forwarding}, {"ipConfigurations", configs}};
        if (dice_.chance(80)) {
            body["virtualMachine"] = ref(vm);
            resources_.push_back({{"id", vm},
                                  {"name", "vm-" + name},
                                  {"type", "Microsoft.Compute/virtualMachines"},
                                  {"location", "westeurope"},
                                  {"properties",
                                   {{"networkProfile",
                                     {{"networkInterfaces", Json::array({ref(nic.id)})}}}}}});
        }
        nic.resource = add("networkInterfaces", name, body);
        nics_.push_back(nic);
        return nics_.size() - 1;
    }

    std::string add_public_ip(const std::string& bound_to, bool v6, int standard = 60) {
        const std::string name = "pip" + std::to_string(public_count_++);
        const std::string address = take_public(v6);
        Json body = {{"publicIPAddressVersion", v6 ? "IPv6" : "IPv4"},
                     {"publicIPAllocationMethod", "Static"}};
        if (!address.empty()) {
            body["ipAddress"] = address;
        }
        if (!bound_to.empty()) {
            body["ipConfiguration"] = ref(bound_to);
        }
        const std::size_t resource = add("publicIPAddresses", name, body);
        if (dice_.chance(standard)) {
            resources_[resource]["sku"] = {{"name", "Standard"}, {"tier", "Regional"}};
        } else if (dice_.chance(50)) {
            resources_[resource]["sku"] = {{"name", "Basic"}};
        }
        return id("publicIPAddresses", name);
    }

    void appliances() {
        for (std::size_t s = 0; s < subnets_.size(); ++s) {
            if (subnets_[s].ordinary && dice_.chance(f_.appliances / 2)) {
                const std::size_t nic = add_machine(s, "nva" + std::to_string(nics_.size()),
                                                    dice_.chance(85));
                appliance_addresses_.push_back(nics_[nic].addresses.front());
                if (nics_[nic].addresses.size() > 1 && !subnets_[s].base_v6.empty()) {
                    appliance_addresses_v6_.push_back(nics_[nic].addresses.back());
                }
                appliances_.push_back(nic);
            }
        }
    }

    // ---- load balancers --
    void balancers() {
        if (dice_.chance(f_.internal_balancers)) {
            balancer(false);
        }
        if (dice_.chance(f_.internal_balancers / 3)) {
            balancer(false);
        }
        if (dice_.chance(f_.public_balancers)) {
            balancer(true);
        }
        if (dice_.chance(f_.public_balancers / 3)) {
            balancer(true);
        }
    }

    void balancer(bool is_public) {
        if (nics_.empty()) {
            return;
        }
        const std::string name = "lb" + std::to_string(balancer_count_++);
        const std::string lb = id("loadBalancers", name);
        const bool standard = dice_.chance(70);
        Json frontends = Json::array();
        const int frontend_count = dice_.chance(30) ? 2 : 1;
        // Members: configurations of one VNet, where the frontend of an internal balancer stands.
        const std::size_t vnet = subnets_[dice_.of(nics_).subnet].vnet;
        for (int n = 0; n < frontend_count; ++n) {
            const std::string frontend_id =
                lb + "/frontendIPConfigurations/fe" + std::to_string(n);
            Json body = Json::object();
            if (is_public) {
                body["publicIPAddress"] =
                    ref(add_public_ip(frontend_id, false, standard ? 100 : 0));
            } else {
                SubnetPlan* subnet = subnet_of(vnet);
                body["privateIPAddress"] = next_address(*subnet);
                body["subnet"] = ref(subnet->id);
                if (standard && dice_.chance(60)) {
                    appliance_addresses_.push_back(body["privateIPAddress"]);
                }
            }
            frontends.push_back({{"id", frontend_id},
                                 {"name", "fe" + std::to_string(n)},
                                 {"properties", body}});
        }
        const std::string pool = lb + "/backendAddressPools/pool0";
        Json pool_body = Json::object();
        Json backend_list = Json::array(), backend_addresses = Json::array();
        const bool by_address = standard && dice_.chance(20);
        std::vector<std::string> members;
        const bool of_appliances = !is_public && dice_.chance(60);
        for (std::size_t n = 0; n < nics_.size(); ++n) {
            NicPlan& nic = nics_[n];
            if (subnets_[nic.subnet].vnet != vnet || !dice_.chance(45)) {
                continue;
            }
            if (of_appliances && !nic.forwarding) {
                continue;
            }
            members.push_back(nic.configs.front());
            if (by_address) {
                backend_addresses.push_back({{"name", "a" + std::to_string(n)},
                                             {"properties",
                                              {{"ipAddress", nic.addresses.front()},
                                               {"virtualNetwork", ref(vnets_[vnet].id)}}}});
                continue;
            }
            Json& config = properties(nic.resource)["ipConfigurations"][0]["properties"];
            if (!config.contains("loadBalancerBackendAddressPools")) {
                config["loadBalancerBackendAddressPools"] = Json::array();
            }
            config["loadBalancerBackendAddressPools"].push_back(ref(pool));
            backend_list.push_back(ref(nic.configs.front()));
        }
        if (by_address && dice_.chance(25)) {
            backend_addresses.push_back(
                {{"name", "nobody"},
                 {"properties",
                  {{"ipAddress", "10." + std::to_string(vnets_[vnet].number) + ".1.12"},
                   {"virtualNetwork", ref(vnets_[vnet].id)}}}});
        }
        if (by_address) {
            pool_body["loadBalancerBackendAddresses"] = backend_addresses;
        } else if (dice_.chance(80)) {
            pool_body["backendIPConfigurations"] = backend_list;
        }
        Json body = {{"frontendIPConfigurations", frontends},
                     {"backendAddressPools",
                      Json::array({{{"id", pool}, {"name", "pool0"}, {"properties", pool_body}}})},
                     {"loadBalancingRules", balancing_rules(lb, pool, frontends, is_public, standard)},
                     {"inboundNatRules", nat_rules(lb, pool, frontends, members, by_address)},
                     {"outboundRules", Json::array()}};
        if (is_public && standard && dice_.chance(40)) {
            const std::string rule = lb + "/outboundRules/out0";
            static const std::vector<std::string> kProtocols = {"All", "Tcp", "Udp"};
            body["outboundRules"].push_back(
                {{"id", rule},
                 {"name", "out0"},
                 {"properties",
                  {{"frontendIPConfigurations", Json::array({ref(frontends[0]["id"])})},
                   {"backendAddressPool", ref(pool)},
                   {"protocol", dice_.chance(60) ? "All" : dice_.of(kProtocols)}}}});
        }
        const std::size_t resource = add("loadBalancers", name, body);
        if (standard) {
            resources_[resource]["sku"] = {{"name", "Standard"}, {"tier", "Regional"}};
        } else if (dice_.chance(50)) {
            resources_[resource]["sku"] = {{"name", "Basic"}};
        }
    }

    Json balancing_rules(const std::string& lb, const std::string& pool, const Json& frontends,
                         bool is_public, bool standard) {
        Json rules = Json::array();
        for (std::size_t n = 0; n < frontends.size(); ++n) {
            const Json frontend = ref(frontends[n]["id"]);
            if (!is_public && standard && dice_.chance(50)) {
                rules.push_back(rule_json(lb, "ha" + std::to_string(n), frontend, pool, "All", 0, 0));
                continue;
            }
            for (const int port : {80, 443, 1000}) {
                if (!dice_.chance(45)) {
                    continue;
                }
                const int backend = dice_.chance(30) ? 22 : port;
                Json rule = rule_json(lb, "r" + std::to_string(n) + "-" + std::to_string(port),
                                      frontend, pool, dice_.chance(75) ? "Tcp" : "Udp", port,
                                      backend);
                if (backend == port && dice_.chance(20)) {
                    rule["properties"]["enableFloatingIP"] = true;
                }
                if (is_public && dice_.chance(50)) {
                    rule["properties"]["disableOutboundSnat"] = dice_.chance(70);
                }
                rules.push_back(rule);
            }
        }
        return rules;
    }
    static Json rule_json(const std::string& lb, const std::string& name, const Json& frontend,
                          const std::string& pool, const std::string& protocol, int frontend_port,
                          int backend_port) {
        return {{"id", lb + "/loadBalancingRules/" + name},
                {"name", name},
                {"properties",
                 {{"frontendIPConfiguration", frontend},
                  {"backendAddressPool", ref(pool)},
                  {"protocol", protocol},
                  {"frontendPort", frontend_port},
                  {"backendPort", backend_port},
                  {"enableFloatingIP", false}}}};
    }

    Json nat_rules(const std::string& lb, const std::string& pool, const Json& frontends,
                   const std::vector<std::string>& members, bool by_address) {
        Json rules = Json::array();
        if (!members.empty() && dice_.chance(35)) {
            rules.push_back({{"id", lb + "/inboundNatRules/nat0"},
                             {"name", "nat0"},
                             {"properties",
                              {{"frontendIPConfiguration", ref(frontends[0]["id"])},
                               {"backendIPConfiguration", ref(members.front())},
                               {"protocol", "Tcp"},
                               {"frontendPort", 2000},
                               {"backendPort", 22}}}});
        }
        if (!members.empty() && !by_address && dice_.chance(15)) {
            rules.push_back({{"id", lb + "/inboundNatRules/range0"},
                             {"name", "range0"},
                             {"properties",
                              {{"frontendIPConfiguration", ref(frontends[0]["id"])},
                               {"backendAddressPool", ref(pool)},
                               {"protocol", "Tcp"},
                               {"frontendPortRangeStart", 1500},
                               {"frontendPortRangeEnd", 1501},
                               {"backendPort", 443}}}});
        }
        return rules;
    }

    SubnetPlan* subnet_of(std::size_t vnet) {
        std::vector<SubnetPlan*> in_vnet;
        for (SubnetPlan& subnet : subnets_) {
            if (subnet.vnet == vnet && subnet.ordinary) {
                in_vnet.push_back(&subnet);
            }
        }
        return dice_.of(in_vnet);
    }

    // ---- private endpoints --
    void private_endpoints() {
        static const std::vector<std::string> kPolicies = {
            "Disabled", "NetworkSecurityGroupEnabled", "RouteTableEnabled", "Enabled"};
        for (SubnetPlan& subnet : subnets_) {
            if (subnet.ordinary && dice_.chance(70) && f_.private_endpoints > 0) {
                subnet_json(subnet)["privateEndpointNetworkPolicies"] = dice_.of(kPolicies);
            }
        }
        for (int n = 0; n < 2; ++n) {
            if (!dice_.chance(f_.private_endpoints)) {
                continue;
            }
            std::vector<std::size_t> where;
            for (std::size_t s = 0; s < subnets_.size(); ++s) {
                if (subnets_[s].ordinary) {
                    where.push_back(s);
                }
            }
            private_endpoint(dice_.of(where), "pe" + std::to_string(n));
        }
    }

    void private_endpoint(std::size_t subnet_index, const std::string& name) {
        SubnetPlan& subnet = subnets_[subnet_index];
        const std::string endpoint = id("privateEndpoints", name);
        const std::string nic = id("networkInterfaces", name + ".nic");
        const std::string address = next_address(subnet);
        endpoint_addresses_.push_back(address);
        static const std::vector<std::string> kStates = {"Approved", "Approved", "Approved",
                                                         "Pending", "Rejected", "Disconnected"};
        add("networkInterfaces", name + ".nic",
            {{"privateEndpoint", ref(endpoint)},
             {"enableIPForwarding", false},
             {"ipConfigurations",
              Json::array({{{"id", nic + "/ipConfigurations/c"},
                            {"name", "c"},
                            {"properties",
                             {{"privateIPAddress", address},
                              {"primary", true},
                              {"subnet", ref(subnet.id)}}}}})}});
        endpoint_nics_.push_back({nic, address});
        const bool manual = dice_.chance(20);
        Json connection = {
            {"name", "c"},
            {"properties",
             {{"privateLinkServiceId", "/subscriptions/s1/resourceGroups/rg/providers/"
                                       "Microsoft.Storage/storageAccounts/st1"},
              {"groupIds", {"blob"}},
              {"privateLinkServiceConnectionState", {{"status", dice_.of(kStates)}}}}}};
        Json body = {{"subnet", ref(subnet.id)},
                     {"networkInterfaces", Json::array({ref(nic)})},
                     {manual ? "manualPrivateLinkServiceConnections"
                             : "privateLinkServiceConnections",
                      Json::array({connection})}};
        if (!application_groups_.empty() && dice_.chance(40)) {
            body["applicationSecurityGroups"] =
                Json::array({ref(dice_.of(application_groups_))});
        }
        add("privateEndpoints", name, body);
    }

    // ---- peerings --
    void peerings() {
        for (std::size_t b = 1; b < vnets_.size(); ++b) {
            if (dice_.chance(f_.peerings)) {
                peer(0, b);
            }
            if (b > 1 && dice_.chance(f_.peerings / 6)) {
                peer(1, b);
            }
        }
    }

    void peer(std::size_t hub, std::size_t spoke) {
        const bool odd = dice_.chance(f_.odd_peerings);
        const bool by_subnet = dice_.chance(f_.subnet_peerings);
        const bool transit = vnets_[hub].has_gateway && !vnets_[spoke].has_gateway &&
                             !vnets_[spoke].uses_remote && dice_.chance(f_.transit);
        vnets_[spoke].uses_remote = vnets_[spoke].uses_remote || transit;
        std::vector<std::string> hub_names = names_of(hub), spoke_names = names_of(spoke);
        for (const bool from_hub : {true, false}) {
            if (odd && dice_.chance(15)) {
                continue;  // one side is missing
            }
            const std::size_t local = from_hub ? hub : spoke;
            const std::size_t remote = from_hub ? spoke : hub;
            const std::string name = "to-" + vnets_[remote].name;
            Json body = {
                {"remoteVirtualNetwork", ref(vnets_[remote].id)},
                {"peeringState", odd && dice_.chance(25)
                                     ? (dice_.chance(50) ? "Initiated" : "Disconnected")
                                     : "Connected"},
                {"peeringSyncLevel", "FullyInSync"},
                {"allowVirtualNetworkAccess", !dice_.chance(f_.odd_peerings / 2)},
                {"allowForwardedTraffic", dice_.chance(60)},
                {"allowGatewayTransit", from_hub && transit && !dice_.chance(10)},
                {"useRemoteGateways", !from_hub && transit}};
            if (dice_.chance(85)) {
                body["remoteAddressSpace"] = {{"addressPrefixes", vnets_[remote].prefixes}};
                body["remoteVirtualNetworkAddressSpace"] = body["remoteAddressSpace"];
            }
            if (by_subnet) {
                body["peerCompleteVnets"] = false;
                body["enableOnlyIPv6Peering"] = dice_.chance(vnets_[local].v6 ? 30 : 0);
                body["localSubnetNames"] = from_hub ? hub_names : spoke_names;
                body["remoteSubnetNames"] = from_hub ? spoke_names : hub_names;
                body.erase("remoteAddressSpace");
                body.erase("remoteVirtualNetworkAddressSpace");
            }
            properties(vnets_[local].resource)["virtualNetworkPeerings"].push_back(
                {{"id", vnets_[local].id + "/virtualNetworkPeerings/" + name},
                 {"name", name},
                 {"properties", body}});
        }
    }
    std::vector<std::string> names_of(std::size_t vnet) {
        std::vector<std::string> names;
        for (const SubnetPlan& subnet : subnets_) {
            if (subnet.vnet == vnet && subnet.ordinary && (names.empty() || dice_.chance(50))) {
                names.push_back(subnet.name);
            }
        }
        return names;
    }

    void nat_gateways() {
        std::string nat;
        for (SubnetPlan& subnet : subnets_) {
            if (!subnet.ordinary || !dice_.chance(f_.nat_gateways)) {
                continue;
            }
            if (nat.empty()) {
                nat = id("natGateways", "nat0");
                const std::string address = add_public_ip("", false, 100);
                Json body = {{"publicIpAddresses", Json::array({ref(address)})}};
                if (dice_.chance(30)) {
                    body["publicIpPrefixes"] = Json::array({ref(id("publicIPPrefixes", "ippre0"))});
                    const std::size_t prefix =
                        add("publicIPPrefixes", "ippre0",
                            {{"ipPrefix", "20.0.0.32/30"}, {"natGateway", ref(nat)}});
                    resources_[prefix]["sku"] = {{"name", "Standard"}};
                }
                add("natGateways", "nat0", body);
                for (Json& resource : resources_) {
                    if (resource["id"] == address) {
                        resource["properties"]["natGateway"] = ref(nat);
                    }
                }
            }
            subnet_json(subnet)["natGateway"] = ref(nat);
        }
    }

    // ---- security groups --
    std::string random_port() {
        static const std::vector<std::string> kPorts = {
            "*", "*", "*", "22", "80", "443", "1000-2000", "80-443", "0-65535", "53", "2000"};
        return dice_.of(kPorts);
    }

    /// A prefix, address or tag that packets of this network meet.
    std::string random_side(bool v6, bool admin = false) {
        if (v6) {
            static const std::vector<std::string> kV6 = {"::/0", "fd00:0::/48", "fd00:1::/48",
                                                         "2603:1030::/32", "fd00::/16"};
            if (!held_v6_.empty() && dice_.chance(50)) {
                return dice_.of(held_v6_) + (dice_.chance(50) ? "/128" : "/64");
            }
            return dice_.of(kV6);
        }
        switch (dice_.below(12)) {
            case 0:
            case 1: return "*";
            case 2: return "VirtualNetwork";
            case 3: return dice_.chance(70) ? "Internet" : "AzureLoadBalancer";
            case 4: {
                static const std::vector<std::string> kTags = {"Storage", "Storage.WestEurope",
                                                               "Sql", "AzureCloud"};
                return dice_.of(kTags);
            }
            case 5: return dice_.of(vnets_).prefixes.front();
            case 6: return dice_.of(subnets_).prefix;
            case 7:
            case 8:
                return held_.empty() ? "10.0.0.0/8"
                                     : dice_.of(held_) + (dice_.chance(60)   ? ""
                                                          : dice_.chance(50) ? "/32"
                                                                             : "/31");
            case 9: {
                static const std::vector<std::string> kWide = {"0.0.0.0/0", "10.0.0.0/8",
                                                               "20.0.0.0/24", "10.200.0.0/16",
                                                               "10.0.0.0/15", "8.0.0.0/6"};
                return dice_.of(kWide);
            }
            case 10: return dice_.of(clients_) + (dice_.chance(50) ? "/32" : "/30");
            default:
                if (!public_.empty() && dice_.chance(30)) {
                    return dice_.of(public_);
                }
                return !admin && dice_.chance(10) ? "AzurePlatformDNS" : "10.1.0.0/16";
        }
    }

    void side(Json& rule, const std::string& name, bool v6, bool is_source) {
        if (!application_groups_.empty() && dice_.chance(30)) {
            rule[name + "ApplicationSecurityGroups"] =
                Json::array({ref(dice_.of(application_groups_))});
            return;
        }
        if (dice_.chance(20)) {
            Json prefixes = Json::array();
            for (int n = 0; n < 2; ++n) {
                std::string value = random_side(v6);
                while (value == "*" || (is_source && value == "AzurePlatformDNS")) {
                    value = random_side(v6);
                }
                prefixes.push_back(value);
            }
            rule[name + "AddressPrefixes"] = prefixes;
            if (dice_.chance(50)) {
                rule[name + "AddressPrefix"] = "";
            }
            return;
        }
        std::string value = random_side(v6);
        if (is_source && value == "AzurePlatformDNS") {
            value = "*";
        }
        rule[name + "AddressPrefix"] = value;
        if (dice_.chance(40)) {
            rule[name + "AddressPrefixes"] = Json::array();
        }
    }

    Json security_rule(const std::string& group, int number, int priority) {
        static const std::vector<std::string> kProtocols = {"*",   "*",   "Tcp", "Tcp", "Udp",
                                                            "Icmp", "Esp", "Ah",  "tcp"};
        const bool v6 = !held_v6_.empty() && dice_.chance(40);
        Json body = {{"priority", priority},
                     {"direction", dice_.chance(60) ? "Inbound" : "Outbound"},
                     {"access", dice_.chance(50) ? "Allow" : "Deny"},
                     {"protocol", dice_.of(kProtocols)}};
        side(body, "source", v6, true);
        side(body, "destination", v6, false);
        body["sourcePortRange"] = dice_.chance(92) ? "*" : random_port();
        if (dice_.chance(20)) {
            body["destinationPortRanges"] = {"22", "443-1000"};
        } else {
            body["destinationPortRange"] = random_port();
        }
        const std::string name = "rule" + std::to_string(number);
        return {{"id", group + "/securityRules/" + name}, {"name", name}, {"properties", body}};
    }

    std::string security_group() {
        const std::string name = "nsg" + std::to_string(group_count_++);
        const std::string group = id("networkSecurityGroups", name);
        Json rules = Json::array();
        const std::size_t count = dice_.below(6);
        for (std::size_t n = 0; n < count; ++n) {
            rules.push_back(security_rule(group, static_cast<int>(n),
                                          100 + 10 * static_cast<int>(dice_.below(9)) +
                                              static_cast<int>(n)));
        }
        Json body = {{"securityRules", rules}};
        if (dice_.chance(30)) {
            body["defaultSecurityRules"] = default_rules(group);
        }
        add("networkSecurityGroups", name, body);
        return group;
    }

    static Json default_rules(const std::string& group) {
        Json rules = Json::array();
        for (const SecurityRule& rule : default_rules_of(ResourceId(group))) {
            const auto text = [](const AddressSpec& side) {
                return side.any ? std::string("*") : side.tags.front();
            };
            rules.push_back(
                {{"id", rule.id.text()},
                 {"name", rule.name},
                 {"properties",
                  {{"priority", rule.priority},
                   {"direction", rule.direction == Direction::inbound ? "Inbound" : "Outbound"},
                   {"access", rule.access == Access::deny ? "Deny" : "Allow"},
                   {"protocol", "*"},
                   {"sourceAddressPrefix", text(rule.source)},
                   {"destinationAddressPrefix", text(rule.destination)},
                   {"sourcePortRange", "*"},
                   {"destinationPortRange", "*"}}}});
        }
        return rules;
    }

    std::string some_group() {
        if (groups_.empty() || dice_.chance(70)) {
            groups_.push_back(security_group());
            return groups_.back();
        }
        return dice_.of(groups_);
    }

    void security_groups() {
        for (SubnetPlan& subnet : subnets_) {
            if (subnet.ordinary && dice_.chance(f_.groups)) {
                subnet_json(subnet)["networkSecurityGroup"] = ref(some_group());
            }
        }
        for (NicPlan& nic : nics_) {
            if (dice_.chance(f_.groups / 2)) {
                properties(nic.resource)["networkSecurityGroup"] = ref(some_group());
            }
        }
    }

    // ---- route tables --
    void route_tables() {
        for (std::size_t s = 0; s < subnets_.size(); ++s) {
            const bool gateway_subnet = !subnets_[s].ordinary;
            if (!dice_.chance(gateway_subnet ? f_.route_tables / 2 : f_.route_tables)) {
                continue;
            }
            const std::string name = "rt" + std::to_string(s);
            const std::string table = id("routeTables", name);
            Json routes = Json::array();
            std::vector<std::string> seen;
            const std::size_t count = 1 + dice_.below(4);
            for (std::size_t n = 0; n < count; ++n) {
                const std::string prefix = route_prefix(gateway_subnet, s);
                if (std::find(seen.begin(), seen.end(), prefix) != seen.end()) {
                    continue;
                }
                seen.push_back(prefix);
                Json body = {{"addressPrefix", prefix}};
                next_hop(body, prefix.find(':') != std::string::npos);
                const std::string route = "route" + std::to_string(n);
                routes.push_back({{"id", table + "/routes/" + route},
                                  {"name", route},
                                  {"properties", body}});
            }
            add("routeTables", name,
                {{"disableBgpRoutePropagation", !gateway_subnet && dice_.chance(20)},
                 {"routes", routes}});
            subnet_json(subnets_[s])["routeTable"] = ref(table);
        }
    }

    std::string route_prefix(bool gateway_subnet, std::size_t subnet) {
        if (!held_v6_.empty() && dice_.chance(40)) {
            static const std::vector<std::string> kV6 = {"::/0", "fd00:0::/48", "fd00:1::/48"};
            return dice_.of(kV6);
        }
        switch (dice_.below(9)) {
            case 0:
            case 1:
                if (!gateway_subnet) {
                    return "0.0.0.0/0";
                }
                break;
            case 2: return dice_.of(vnets_).prefixes.front();
            case 3: return dice_.of(subnets_).prefix;
            case 4:
                if (!endpoint_addresses_.empty()) {
                    return dice_.of(endpoint_addresses_) + "/32";
                }
                return dice_.of(held_) + "/32";
            case 5: {
                static const std::vector<std::string> kWide = {"10.0.0.0/8", "10.0.0.0/15",
                                                               "10.200.0.0/16", "192.168.0.0/16",
                                                               "52.0.0.0/25", "8.8.8.0/24"};
                return dice_.of(kWide);
            }
            case 6: {
                static const std::vector<std::string> kTags = {"Storage", "Storage.WestEurope",
                                                               "AzureCloud"};
                return gateway_subnet ? "10.1.0.0/16" : dice_.of(kTags);
            }
            default: break;
        }
        (void)subnet;
        return dice_.of(vnets_).prefixes.front();
    }

    void next_hop(Json& body, bool v6) {
        const std::vector<std::string>& appliances =
            v6 ? appliance_addresses_v6_ : appliance_addresses_;
        if (dice_.chance(60) && !appliances.empty()) {
            body["nextHopType"] = "VirtualAppliance";
            body["nextHopIpAddress"] = dice_.of(appliances);
            return;
        }
        switch (dice_.below(6)) {
            case 0: body["nextHopType"] = "None"; break;
            case 1: body["nextHopType"] = "Internet"; break;
            case 2: body["nextHopType"] = "VnetLocal"; break;
            case 3: body["nextHopType"] = "VirtualNetworkGateway"; break;
            case 4:
                body["nextHopType"] = "VirtualAppliance";  // a machine that may not forward
                body["nextHopIpAddress"] = v6 ? dice_.of(held_v6_) : dice_.of(held_);
                break;
            default:
                body["nextHopType"] = "VirtualAppliance";  // nobody
                body["nextHopIpAddress"] = v6 ? "fd00:0:0:1::77" : "10.0.1.13";
                break;
        }
    }

    // ---- gateways --
    void gateways() {
        gateway(0, "gw0");
        if (vnets_.size() > 1 && dice_.chance(40)) {
            gateway(vnets_.size() - 1, "gw1");
            if (dice_.chance(70)) {  // VNet-to-VNet, one resource a direction
                for (int n = 0; n < 2; ++n) {
                    add("connections", "v2v" + std::to_string(n),
                        {{"connectionType", "Vnet2Vnet"},
                         {"virtualNetworkGateway1",
                          ref(id("virtualNetworkGateways", n == 0 ? "gw0" : "gw1"))},
                         {"virtualNetworkGateway2",
                          ref(id("virtualNetworkGateways", n == 0 ? "gw1" : "gw0"))},
                         {"connectionStatus", "Connected"},
                         {"enableBgp", false}});
                }
            }
        }
    }

    void gateway(std::size_t vnet, const std::string& name) {
        vnets_[vnet].has_gateway = true;
        const SubnetPlan subnet = add_subnet(vnet, "GatewaySubnet", 250, false);
        const bool bgp = dice_.chance(30);
        const std::string gateway_id = id("virtualNetworkGateways", name);
        Json body = {
            {"gatewayType", "Vpn"},
            {"vpnType", "RouteBased"},
            {"enableBgp", bgp},
            {"ipConfigurations",
             Json::array({{{"id", gateway_id + "/ipConfigurations/default"},
                           {"name", "default"},
                           {"properties",
                            {{"subnet", ref(subnet.id)},
                             {"publicIPAddress",
                              ref(add_public_ip(gateway_id + "/ipConfigurations/default", false,
                                                100))}}}}})}};
        if (dice_.chance(40)) {
            body["vpnClientConfiguration"] = {
                {"vpnClientAddressPool",
                 {{"addressPrefixes", {name == "gw0" ? "172.20.0.0/24" : "172.20.1.0/24"}}}}};
        }
        if (dice_.chance(10)) {
            body["gatewayDefaultSite"] = ref(id("localNetworkGateways", "site-" + name));
        }
        add("virtualNetworkGateways", name, body, vnets_[vnet].location);
        static const std::vector<std::string> kSites = {"10.200.0.0/16", "192.168.7.0/24",
                                                        "10.200.1.0/24", "10.0.0.0/8",
                                                        "10.1.1.0/24"};
        Json prefixes = Json::array({dice_.of(kSites)});
        if (dice_.chance(50)) {
            prefixes.push_back(dice_.of(kSites));
        }
        add("localNetworkGateways", "site-" + name,
            {{"localNetworkAddressSpace", {{"addressPrefixes", prefixes}}},
             {"gatewayIpAddress", "45.0.0.9"}});
        add("connections", "to-site-" + name,
            {{"connectionType", "IPsec"},
             {"virtualNetworkGateway1", ref(gateway_id)},
             {"localNetworkGateway2", ref(id("localNetworkGateways", "site-" + name))},
             {"connectionStatus", "Connected"},
             {"enableBgp", bgp && dice_.chance(70)}});
    }

    // ---- network manager --
    void network_manager() {
        const bool rules = dice_.chance(f_.admin_rules);
        const bool mesh = dice_.chance(f_.meshes);
        if (!rules && !mesh) {
            return;
        }
        const std::string manager = id("networkManagers", "avnm");
        Json scopes = {{"subscriptions", {"/subscriptions/s1"}}};
        add("networkManagers", "avnm",
            {{"networkManagerScopes", scopes},
             {"networkManagerScopeAccesses", {"SecurityAdmin", "Connectivity"}}});
        for (const char* name : {"all", "app"}) {
            const std::string group = manager + "/networkGroups/" + name;
            child("networkManagers/networkGroups", group, Json::object());
            for (const VnetPlan& vnet : vnets_) {
                if (name == std::string("all") ? dice_.chance(85) : dice_.chance(50)) {
                    const std::string member = group + "/staticMembers/m-" + vnet.name;
                    child("networkManagers/networkGroups/staticMembers", member,
                          {{"resourceId", vnet.id}});
                }
            }
        }
        if (rules) {
            admin_configuration(manager);
        }
        if (mesh) {
            const bool global = dice_.chance(40);
            const std::string topology =
                manager + "/connectivityConfigurations/" + (dice_.chance(70) ? "mesh" : "star");
            const bool is_mesh = topology.ends_with("mesh");
            Json body = {{"connectivityTopology", is_mesh ? "Mesh" : "HubAndSpoke"},
                         {"isGlobal", global ? "True" : "False"},
                         {"appliesToGroups",
                          Json::array({{{"networkGroupId", manager + "/networkGroups/" +
                                                              (dice_.chance(60) ? "all" : "app")},
                                        {"groupConnectivity",
                                         is_mesh || dice_.chance(80) ? "DirectlyConnected" : "None"},
                                        {"isGlobal", global ? "True" : "False"},
                                        {"useHubGateway", "False"}}})}};
            if (!is_mesh) {
                body["hubs"] =
                    Json::array({{{"resourceId", vnets_.front().id},
                                  {"resourceType", "Microsoft.Network/virtualNetworks"}}});
            }
            child("networkManagers/connectivityConfigurations", topology, body);
        }
        if (dice_.chance(15)) {  // a service that brings its own policy: the VNet is exempt [A11]
            SubnetPlan& subnet = subnets_[dice_.below(subnets_.size())];
            if (subnet.ordinary) {
                delegated(subnet.vnet);
            }
        }
    }
    void delegated(std::size_t vnet) {
        SubnetPlan& subnet = add_subnet(vnet, "snet-mi", 77, false);
        subnet_json(subnet)["delegations"] =
            Json::array({{{"name", "mi"},
                          {"properties", {{"serviceName", "Microsoft.Sql/managedInstances"}}}}});
    }

    void child(const std::string& type, const std::string& child_id, Json body) {
        resources_.push_back({{"id", child_id},
                              {"name", child_id.substr(child_id.rfind('/') + 1)},
                              {"type", "Microsoft.Network/" + type},
                              {"properties", std::move(body)}});
    }

    void admin_configuration(const std::string& manager) {
        const std::string configuration = manager + "/securityAdminConfigurations/sac";
        Json body = Json::object();
        if (dice_.chance(40)) {
            static const std::vector<std::string> kServices = {"None", "AllowRulesOnly", "All"};
            body["applyOnNetworkIntentPolicyBasedServices"] = Json::array({dice_.of(kServices)});
        }
        child("networkManagers/securityAdminConfigurations", configuration, body);
        int number = 0;
        for (const char* name : {"base", "exceptions"}) {
            const std::string collection = configuration + "/ruleCollections/" + name;
            child("networkManagers/securityAdminConfigurations/ruleCollections", collection,
                  {{"appliesToGroups",
                    Json::array({{{"networkGroupId", manager + "/networkGroups/" +
                                                        (dice_.chance(60) ? "all" : "app")}}})}});
            const std::size_t count = 1 + dice_.below(4);
            for (std::size_t n = 0; n < count; ++n, ++number) {
                admin_rule(collection, number);
            }
        }
    }

    void admin_rule(const std::string& collection, int number) {
        static const std::vector<std::string> kAccess = {"Allow", "Deny", "Deny", "AlwaysAllow"};
        static const std::vector<std::string> kProtocols = {"Any", "Any", "Tcp", "Udp", "Icmp"};
        const auto sides = [&] {
            Json list = Json::array();
            if (dice_.chance(15)) {
                return list;  // empty: any [A7]
            }
            const std::string value = random_side(false, true);
            const bool tag = value.find_first_of("./*") == std::string::npos ||
                             value.starts_with("Storage");
            list.push_back({{"addressPrefix", value},
                            {"addressPrefixType", tag ? "ServiceTag" : "IPPrefix"}});
            return list;
        };
        Json body = {{"access", dice_.of(kAccess)},
                     {"direction", dice_.chance(60) ? "Inbound" : "Outbound"},
                     {"priority", dice_.chance(12) ? 50 : 10 + number * 3},  // some ties [A6]
                     {"protocol", dice_.of(kProtocols)},
                     {"sources", sides()},
                     {"destinations", sides()},
                     {"sourcePortRanges", {"0-65535"}}};
        if (dice_.chance(60)) {
            std::string port = random_port();
            body["destinationPortRanges"] = {port == "*" ? "0-65535" : port};
        }
        const std::string name = "ar" + std::to_string(number);
        Json resource = {{"id", collection + "/rules/" + name},
                         {"name", name},
                         {"type", "Microsoft.Network/networkManagers/securityAdminConfigurations/"
                                  "ruleCollections/rules"},
                         {"kind", "Custom"},
                         {"properties", body}};
        resources_.push_back(resource);
    }

    // ---- gaps --
    void remove(const std::string& type) {
        std::vector<std::size_t> of_type;
        for (std::size_t n = 0; n < resources_.size(); ++n) {
            if (!resources_[n].is_null() && resources_[n]["type"] == "Microsoft.Network/" + type) {
                of_type.push_back(n);
            }
        }
        if (!of_type.empty()) {
            resources_[dice_.of(of_type)] = nullptr;
        }
    }

    void gaps() {
        if (!dice_.chance(f_.gaps)) {
            return;
        }
        const int count = 1 + static_cast<int>(dice_.below(2));
        for (int n = 0; n < count; ++n) {
            switch (dice_.below(12)) {
                case 0: remove("networkSecurityGroups"); break;
                case 1: remove("routeTables"); break;
                case 2:
                    if (vnets_.size() > 1) {
                        remove("virtualNetworks");
                    }
                    break;
                case 3: remove("publicIPAddresses"); break;
                case 4: remove("natGateways"); break;
                case 5: remove("localNetworkGateways"); break;
                case 6: remove("virtualNetworkGateways"); break;
                case 7: remove("privateEndpoints"); break;
                case 8: remove("networkInterfaces"); break;
                case 9: unknown_tags_ = true; break;
                case 10: scale_set(); break;
                default: tie(); break;
            }
        }
    }

    void scale_set() {
        std::vector<std::size_t> where;
        for (std::size_t s = 0; s < subnets_.size(); ++s) {
            if (subnets_[s].ordinary) {
                where.push_back(s);
            }
        }
        const SubnetPlan& subnet = subnets_[dice_.of(where)];
        Json config = {{"name", "c"},
                       {"properties", {{"primary", true}, {"subnet", ref(subnet.id)}}}};
        if (!application_groups_.empty()) {
            config["properties"]["applicationSecurityGroups"] =
                Json::array({ref(application_groups_.front())});
        }
        resources_.push_back(
            {{"id", "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.Compute/"
                    "virtualMachineScaleSets/vmss0"},
             {"name", "vmss0"},
             {"type", "Microsoft.Compute/virtualMachineScaleSets"},
             {"location", "westeurope"},
             {"sku", {{"name", "Standard_B1s"}, {"capacity", 2}}},
             {"properties",
              {{"orchestrationMode", "Uniform"},
               {"virtualMachineProfile",
                {{"networkProfile",
                  {{"networkInterfaceConfigurations",
                    Json::array({{{"name", "n"},
                                  {"properties",
                                   {{"primary", true},
                                    {"ipConfigurations", Json::array({config})}}}}})}}}}}}}});
    }

    void tie() {  // two user rules of one priority [N1]
        for (Json& resource : resources_) {
            if (resource.is_null() ||
                resource["type"] != "Microsoft.Network/networkSecurityGroups") {
                continue;
            }
            Json& rules = resource["properties"]["securityRules"];
            for (Json& rule : rules) {
                rule["properties"]["priority"] = 150;
            }
        }
    }

    std::string service_tags() {
        const auto tag = [&](const std::string& name, const std::string& region,
                             std::vector<std::string> prefixes) {
            return Json{{"name", name},
                        {"id", name},
                        {"properties",
                         {{"changeNumber", 1},
                          {"region", region},
                          {"regionId", 0},
                          {"platform", "Azure"},
                          {"systemService", ""},
                          {"addressPrefixes", prefixes},
                          {"networkFeatures", {"API", "NSG", "UDR", "FW"}}}}};
        };
        Json values = Json::array();
        if (!unknown_tags_) {
            values.push_back(tag("Storage", "", {"52.0.0.0/24", "52.0.1.0/25", "2603:1040::/48"}));
            values.push_back(tag("Storage.WestEurope", "westeurope", {"52.0.0.0/25"}));
            values.push_back(tag("Storage.NorthEurope", "northeurope", {"52.0.1.0/25"}));
        }
        values.push_back(tag("Sql", "", {"52.1.0.0/24"}));
        values.push_back(tag("AzureCloud", "", {"52.0.0.0/15", "20.0.0.0/26", "2603:1000::/24"}));
        values.push_back(tag("AzureCloud.WestEurope", "westeurope", {"52.0.0.0/16"}));
        return Json{{"changeNumber", 345}, {"cloud", "Public"}, {"values", values}}.dump(1);
    }

    // ---- questions --
    Service random_service(bool v6) {
        static const std::vector<std::uint16_t> kPorts = {22,  22,  80,   80,   443,  443,  53,
                                                          79,  444, 999,  1000, 1001, 1500, 1501,
                                                          1999, 2000, 2001, 0,   65535, 1688, 81};
        const auto port = dice_.of(kPorts);
        const std::uint16_t from = dice_.chance(80) ? 49152 : dice_.of(kPorts);
        switch (dice_.below(12)) {
            case 0:
            case 1: return {kUdp, from, port};
            case 2:
                return v6 ? Service{kIcmpv6, 128, 0} : Service{kIcmp, 8, 0};
            case 3: {
                static const std::vector<Protocol> kOthers = {kEsp, kAh, 47, kEsp};
                return {dice_.of(kOthers), 0, 0};
            }
            default: return {kTcp, from, port};
        }
    }

    std::string near(const std::string& address) {  // one more or less
        const std::size_t dot = address.find_last_of(".:");
        if (dot == std::string::npos || dot + 1 == address.size()) {
            return address;
        }
        const int last = std::stoi(address.substr(dot + 1));
        return address.substr(0, dot + 1) +
               std::to_string(std::max(1, last + (dice_.chance(50) ? 1 : -1)));
    }

    std::string destination(bool v6) {
        if (v6) {
            if (!public_v6_.empty() && dice_.chance(25)) {
                return dice_.of(public_v6_);
            }
            return !held_v6_.empty() && dice_.chance(75) ? dice_.of(held_v6_)
                                                         : dice_.of(clients_v6_);
        }
        switch (dice_.below(16)) {
            case 0: return near(dice_.of(held_));
            case 1: return dice_.of(clients_);
            case 2: return dice_.chance(50) || public_.empty() ? dice_.of(clients_) : dice_.of(public_);
            case 3: return public_.empty() ? "20.0.0.8" : dice_.of(public_);
            case 4: return dice_.of(sites_);
            case 5:
                if (dice_.chance(40)) {
                    static const std::vector<std::string> kPlatform = {"168.63.129.16",
                                                                       "169.254.169.254"};
                    return dice_.of(kPlatform);
                }
                return dice_.of(held_);
            case 6: {
                const SubnetPlan& subnet = dice_.of(subnets_);
                static const std::vector<std::string> kEdges = {"0", "3", "12", "14", "15", "16",
                                                                "255"};
                return subnet.base + dice_.of(kEdges);
            }
            case 7: {
                static const std::vector<std::string> kElsewhere = {"10.77.0.1", "172.16.5.5",
                                                                    "192.168.1.1", "100.64.0.9",
                                                                    "25.33.0.1", "127.0.0.1"};
                return dice_.of(kElsewhere);
            }
            case 8:
                return endpoint_addresses_.empty() ? dice_.of(held_)
                                                   : dice_.of(endpoint_addresses_);
            case 9: return public_.empty() ? dice_.of(held_) : dice_.of(public_);
            default: return dice_.of(held_);
        }
    }

    Question question() {
        Question question;
        const bool v6 = !held_v6_.empty() && dice_.chance(60);
        Packet& packet = question.packet;
        packet.service = random_service(v6);
        packet.dst = *parse_address(destination(v6));
        if (dice_.chance(f_.internet_origin)) {
            question.origin.kind = Origin::Kind::internet;
            if (!v6 && !public_.empty() && dice_.chance(80)) {
                packet.dst = *parse_address(dice_.of(public_));
            } else if (v6 && !public_v6_.empty() && dice_.chance(80)) {
                packet.dst = *parse_address(dice_.of(public_v6_));
            }
            packet.src = *parse_address(dice_.of(v6 ? clients_v6_ : clients_));
            if (dice_.chance(3) && !v6) {
                packet.src = *parse_address(dice_.of(sites_));
            }
            return question;
        }
        if (!v6 && dice_.chance(f_.onprem_origin)) {
            question.origin.kind = Origin::Kind::onprem;
            packet.src = *parse_address(dice_.chance(95) ? dice_.of(sites_) : dice_.of(clients_));
            return question;
        }
        question.origin.kind = Origin::Kind::nic;
        if (!endpoint_nics_.empty() && dice_.chance(2)) {
            const auto& [nic, address] = dice_.of(endpoint_nics_);
            question.origin.nic = ResourceId(nic);
            question.origin.address = *parse_address(address);
        } else {
            const NicPlan& nic = dice_.of(nics_);
            std::vector<Address> own;
            for (const std::string& address : nic.addresses) {
                const Address parsed = *parse_address(address);
                if (parsed.family == packet.dst.family) {
                    own.push_back(parsed);
                }
            }
            if (own.empty()) {  // an IPv6 question to an IPv4 machine
                packet.dst = *parse_address(destination(false));
                packet.service = random_service(false);
                own.push_back(*parse_address(nic.addresses.front()));
            }
            question.origin.nic = ResourceId(nic.id);
            question.origin.address = dice_.of(own);
        }
        packet.src = question.origin.address;
        if (dice_.chance(4) && packet.src.family == Family::v4) {
            packet.src = *parse_address(dice_.of(held_));  // perhaps not its own
        }
        return question;
    }

    Dice dice_;
    const Features f_;
    std::vector<Json> resources_;
    std::vector<VnetPlan> vnets_;
    std::vector<SubnetPlan> subnets_;
    std::vector<NicPlan> nics_;
    std::vector<std::size_t> appliances_;
    std::vector<std::string> held_, held_v6_, public_, public_v6_, free_public_, free_public_v6_;
    std::vector<std::string> clients_, clients_v6_, sites_, groups_, application_groups_;
    std::vector<std::string> appliance_addresses_, appliance_addresses_v6_, endpoint_addresses_;
    std::vector<std::pair<std::string, std::string>> endpoint_nics_;
    int public_count_ = 0, balancer_count_ = 0, group_count_ = 0;
    bool unknown_tags_ = false;
};

}  // namespace

Generated generate(std::uint64_t seed, Profile profile, std::size_t questions) {
    return Network(seed, profile).build(questions);
}

std::vector<std::pair<std::string, std::string>> random_statements(Dice& dice,
                                                                   const Snapshot& snapshot) {
    std::vector<std::pair<std::string, std::string>> statements;
    for (const FactInfo& fact : contested_facts()) {
        if (dice.chance(35)) {
            statements.emplace_back(fact.name, dice.chance(50) ? "yes" : "no");
        }
    }
    static const std::vector<std::string> kModes = {"transparent", "snat", "drop", "opaque"};
    for (const auto& [id, nic] : snapshot.interfaces) {
        for (const IpConfiguration& config : nic.configurations) {
            if (nic.ip_forwarding && config.address && dice.chance(50)) {
                statements.emplace_back("nva:" + azreach::to_string(*config.address),
                                        dice.of(kModes));
            }
        }
    }
    if (dice.chance(20)) {
        statements.emplace_back("onprem", "10.9.0.0/16,172.20.0.0/24");
    }
    if (dice.chance(30)) {
        statements.emplace_back("bgp", dice.chance(60) ? "none" : "open");
    }
    return statements;
}

}  // namespace azreach::oracle
