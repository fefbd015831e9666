#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/plan/record_transform.h"
#include "sentry/config.h"
#include "sentry/streams/spec/stream_spec.h"

namespace source_sentry {

/// The fields that the configuration leaves out of a stream's records; empty for none.
const std::vector<std::string>& excluded_from(const StreamSpec& spec, const Config& config);

/// Throws a ConnectorError where one of them tells records apart, orders them or says that one is
/// gone.
void check_excluded(const StreamSpec& spec, const Config& config);

/// The transform that leaves out these top-level members.
RecordTransform leave_out(std::vector<std::string> fields);

/// The transform of records whose members hold other records. Of the objects that the members
/// `only_ids` are, only the `id` stays. The members `objects` become null where the server writes
/// [] or "" for none, and an object with an `id` where it writes only that, as a text or a number.
/// The members `texts` become texts where it writes a number. Everything else stays byte by byte.
RecordTransform tidy_members(std::vector<std::string> only_ids, std::vector<std::string> objects,
                             std::vector<std::string> texts);

/// Both, one after the other; `first` may be null.
RecordTransform in_turn(RecordTransform first, RecordTransform then);

/// `record`, a JSON object that RecordSplitter has checked, without these top-level members.
std::string without_members(std::string_view record, const std::vector<std::string>& keys);

}  // namespace source_sentry
