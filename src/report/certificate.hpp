// Certificates as JSON, in the form of docs/certificates.md.
#pragma once

#include "src/engine/certificate.hpp"
#include "src/report/check.hpp"

namespace azreach::report {

/// `certificates`: one for each result, in order.
Json certificate_document(const Context& context, const CheckAnswer& answer, const CheckRun& run,
                          const std::vector<Certificate>& certificates);

}  // namespace azreach::report
