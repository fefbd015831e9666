#include "app/terminal/layout.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "app/terminal/figures.h"
#include "base/text.h"

namespace source_sentry {
namespace {

using Phase = StreamFigures::Phase;

constexpr std::size_t kWidestBar = 40;
constexpr std::size_t kNarrowestBar = 8;

bool is_read(const StreamView& view) { return view.figures.phase == Phase::kReading; }

int percent(const StreamView& view) {
  return static_cast<int>(std::floor(view.figures.part.value_or(0) * 100));
}

/// What is known of where a stream is, and for how long.
std::string place_of(const StreamView& view, Instant now) {
  const StreamFigures& figures = view.figures;
  if (figures.held_until && *figures.held_until > now) {
    return "rate limit until " + hour_text(*figures.held_until);
  }
  if (figures.asks_again && *figures.asks_again > now) {
    return "no answer, asks again at " + hour_text(*figures.asks_again);
  }
  std::string text = figures.at ? "at " + minute_text(*figures.at) : "";
  if (view.left) text.append(text.empty() ? "" : ", ").append(span_text(*view.left) + " left");
  return text;
}

/// The cells of a stream's line, but for the bar.
struct Row {
  std::string name, part, records, pace, bytes, place;
};

Row row_of(const StreamView& view, Instant now) {
  const StreamFigures& figures = view.figures;
  return {figures.name,
          figures.part ? fmt::format("{}%", percent(view)) : "",
          records_text(figures.records),
          grouped(static_cast<std::uint64_t>(std::llround(view.pace))) + "/s",
          size_text(figures.bytes),
          place_of(view, now)};
}

std::size_t widest(const std::vector<Row>& rows, std::string Row::*cell) {
  std::size_t width = 0;
  for (const Row& row : rows) width = std::max(width, (row.*cell).size());
  return width;
}

std::string bar_of(const std::optional<double>& part, std::size_t width) {
  if (!part) return std::string(width, ' ');
  const std::size_t inner = width - 2;
  const auto full = static_cast<std::size_t>(*part * static_cast<double>(inner));
  return "[" + std::string(full, '#') + std::string(inner - full, '-') + "]";
}

/// Cut to a width, at the beginning of a character.
std::string cut(std::string text, std::size_t width) {
  if (text.size() <= width) return text;
  while (width > 0 && (static_cast<unsigned char>(text[width]) & 0xC0U) == 0x80) --width;
  text.resize(width);
  return text;
}

std::string sum_of(const std::vector<StreamView>& streams) {
  std::size_t done = 0;
  std::size_t waiting = 0;
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
  Duration time{};
  for (const StreamView& view : streams) {
    const Phase phase = view.figures.phase;
    waiting += phase == Phase::kWaiting ? 1 : 0;
    done += phase == Phase::kWaiting || phase == Phase::kReading ? 0 : 1;
    records += view.figures.records;
    bytes += view.figures.bytes;
    time = std::max(time, view.figures.time);
  }
  std::string text = fmt::format("{} of {} done", done, number_of(streams.size(), "stream"));
  if (waiting > 0) text += fmt::format(", {} waiting", waiting);
  return text +
         fmt::format(", {} records, {}, {}", grouped(records), size_text(bytes), span_text(time));
}

/// The rows side by side, each cell in its column.
std::vector<std::string> in_columns(const std::vector<Row>& rows,
                                    const std::vector<const StreamView*>& views,
                                    std::size_t width) {
  constexpr std::size_t kGap = 2;
  constexpr std::size_t kNameShare = 4;
  const std::size_t name = std::min(widest(rows, &Row::name), width / kNameShare);
  const std::size_t place = widest(rows, &Row::place);
  const bool has_part = widest(rows, &Row::part) > 0;
  constexpr std::size_t kPart = 4;  // "100%"
  std::vector<std::string Row::*> cells = {&Row::records, &Row::pace, &Row::bytes};
  const auto needed = [&] {
    std::size_t sum = name + (has_part ? kGap + kPart : 0) + (place > 0 ? kGap + place : 0);
    for (const auto cell : cells) sum += kGap + widest(rows, cell);
    return sum;
  };
  while (needed() > width && cells.size() > 1) cells.pop_back();
  const std::size_t free = width - std::min(width, needed());
  const std::size_t bar = has_part ? std::min(free - std::min(free, kGap), kWidestBar) : 0;
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row& row = rows[i];
    std::string line = fmt::format("{:<{}}", cut(row.name, name), name);
    if (bar >= kNarrowestBar) line += "  " + bar_of(views[i]->figures.part, bar);
    if (has_part) line += fmt::format("  {:>{}}", row.part, kPart);
    for (const auto cell : cells) line += fmt::format("  {:>{}}", row.*cell, widest(rows, cell));
    if (!row.place.empty()) line += "  " + row.place;
    lines.push_back(cut(std::move(line), width));
  }
  return lines;
}

}  // namespace

std::vector<std::string> live_lines(const std::vector<StreamView>& streams,
                                    const TerminalSize& size, Instant now) {
  // Some terminals break a line that is as wide as they are, and scroll when the last one ends.
  const std::size_t width = std::max<std::size_t>(size.columns, 2) - 1;
  constexpr std::size_t kRest = 4;  // the sum, the streams left out, the cursor, and one to see
  const std::size_t most = size.rows > kRest ? size.rows - kRest : 1;
  std::vector<Row> rows;
  std::vector<const StreamView*> views;
  std::size_t hidden = 0;
  for (const StreamView& view : streams) {
    if (!is_read(view)) continue;
    if (rows.size() == most) {
      ++hidden;
      continue;
    }
    rows.push_back(row_of(view, now));
    views.push_back(&view);
  }
  std::vector<std::string> lines = in_columns(rows, views, width);
  if (hidden > 0) lines.push_back(cut(fmt::format("and {} more streams", hidden), width));
  lines.push_back(cut(sum_of(streams), width));
  return lines;
}

std::vector<std::string> plain_lines(const std::vector<StreamView>& streams, Instant now) {
  std::vector<std::string> lines;
  for (const StreamView& view : streams) {
    if (!is_read(view)) continue;
    const Row row = row_of(view, now);
    std::string line = row.name + ": ";
    if (!row.part.empty()) line += row.part + ", ";
    line += row.records + ", " + row.pace + ", " + row.bytes;
    if (!row.place.empty()) line += ", " + row.place;
    lines.push_back(std::move(line));
  }
  lines.push_back(sum_of(streams));
  return lines;
}

std::string json_line(const std::vector<StreamView>& streams, Instant now, bool done) {
  constexpr std::array kPhases = {"waiting", "reading", "complete", "incomplete"};
  using Ordered = nlohmann::ordered_json;
  const auto time = [](const std::optional<Instant>& when) {
    return when ? Ordered(format_instant(*when)) : Ordered();
  };
  Ordered list = Ordered::array();
  for (const StreamView& view : streams) {
    const StreamFigures& figures = view.figures;
    list.push_back(
        {{"stream", figures.name},
         {"status", kPhases.at(static_cast<std::size_t>(figures.phase))},
         {"records", figures.records},
         {"bytes", figures.bytes},
         {"seconds", as_seconds(figures.time)},
         {"records_per_second", std::round(view.pace)},
         {"part", figures.part ? Ordered(*figures.part) : Ordered()},
         {"at", time(figures.at)},
         {"rate_limited_until", time(figures.held_until)},
         {"asks_again_at", time(figures.asks_again)},
         {"seconds_left", view.left ? Ordered(std::round(as_seconds(*view.left))) : Ordered()}});
  }
  const Ordered line = {{"progress", list}, {"time", format_instant(now)}, {"done", done}};
  return line.dump(-1, ' ', false, Ordered::error_handler_t::replace);
}

}  // namespace source_sentry
