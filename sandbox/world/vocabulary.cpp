#include "sandbox/world/vocabulary.h"

#include <array>

namespace sandbox {
namespace {

using std::string_view;

constexpr std::array<string_view, 8> kScriptExceptions = {
    "TypeError",      "ReferenceError",     "RangeError",   "SyntaxError",
    "ChunkLoadError", "UnhandledRejection", "NetworkError", "AbortError"};
constexpr std::array<string_view, 10> kScriptFunctions = {
    "renderCart",     "onSubmit",     "fetchOrders",        "reduceState", "useCheckout",
    "dispatchAction", "hydrateRoute", "Object.assignPrice", "?",           "async retryUpload"};
constexpr std::array<string_view, 8> kScriptModules = {
    "src/checkout/cart",    "src/orders/list",      "src/router/index",      "src/state/store",
    "src/ui/modal/confirm", "src/lib/http/retrier", "src/profile/avatar.ts", "src/i18n/de-CH"};
constexpr std::array<string_view, 8> kScriptPackages = {
    "react", "react-dom", "redux", "core-js", "left-pad", "@acme/design-system", "lodash", "zod"};
constexpr std::array<string_view, 20> kScriptSource = {
    "export function renderCart(state, lines) {",
    "  const total = lines.reduce((sum, line) => sum + line.price * line.count, 0);",
    "  if (!state.customer) {",
    "    throw new TypeError(`no customer for cart ${state.id}`);",
    "  }",
    "",
    "  // The server rounds per line, so we must not round the sum a second time.",
    "  return lines.map((line) => ({...line, label: t('cart.line', {name: line.name})}));",
    "}",
    "",
    "async function fetchOrders(page, {signal}) {",
    "  const answer = await fetch(`/api/orders?page=${page}`, {signal});",
    "  if (answer.status === 429) await sleep(1000 * Number(answer.headers.get('retry-after')));",
    "  const {orders, next} = await answer.json();",
    "  store.dispatch({type: \"orders/loaded\", orders});",
    "  return next ? fetchOrders(next, {signal}) : orders;",
    "}",
    "\tconst café = menu.find((entry) => entry.name === 'Café Crème ☕');",
    "    el.innerHTML = '<b class=\"price\">' + format(total) + '<\\/b>';",
    "    return Promise.allSettled(pending).then(report);",
};

constexpr std::array<string_view, 8> kPythonExceptions = {
    "KeyError",         "ValueError",   "AttributeError",  "IntegrityError",
    "OperationalError", "TimeoutError", "PermissionError", "UnicodeDecodeError"};
constexpr std::array<string_view, 10> kPythonFunctions = {
    "dispatch",  "charge_card", "get_or_create",  "__call__", "run_task",
    "serialize", "send",        "render_invoice", "<lambda>", "wrap_in_transaction"};
constexpr std::array<string_view, 8> kPythonModules = {
    "acme.billing.charges", "acme.api.views",   "acme.search.index", "acme.tasks.mail",
    "django.core.handlers", "celery.app.trace", "acme.db.models",    "urllib3.connectionpool"};
constexpr std::array<string_view, 8> kPythonPackages = {"django",     "celery",  "psycopg2-binary",
                                                        "requests",   "urllib3", "redis",
                                                        "sentry-sdk", "pydantic"};
constexpr std::array<string_view, 20> kPythonSource = {
    "def charge_card(self, customer, amount, *, currency=\"CHF\"):",
    "    \"\"\"Charges `amount` in minor units; idempotent per invoice.\"\"\"",
    "    with transaction.atomic():",
    "        invoice = Invoice.objects.select_for_update().get(pk=self.invoice_id)",
    "        if invoice.paid_at is not None:",
    "            return invoice",
    "",
    "        response = self.session.post(self.url, json=payload, timeout=(3.05, 27))",
    "        response.raise_for_status()",
    "        data = response.json()[\"charge\"]",
    "    # Überweisungen kommen erst am nächsten Tag an",
    "    return data[\"id\"]",
    "",
    "class OrderView(APIView):",
    "    def get(self, request, pk):",
    "        order = get_object_or_404(Order, pk=pk)",
    "        lines = [line.as_dict() for line in order.lines.all() if line.price]",
    "        return Response({\"order\": order.pk, \"lines\": lines, \"note\": r'C:\\temp\\n'})",
    "    except (KeyError, ValueError) as error:",
    "        logger.warning(\"cannot index %r: %s\", document, error, exc_info=True)",
};

constexpr std::array<string_view, 8> kCocoaExceptions = {
    "EXC_BAD_ACCESS", "NSInvalidArgumentException", "NSRangeException",    "SIGABRT",
    "App Hanging",    "NSURLErrorDomain",           "WatchdogTermination", "DecodingError"};
constexpr std::array<string_view, 10> kCocoaFunctions = {"-[CartViewController viewDidLoad]",
                                                         "closure #1 in OrderStore.refresh()",
                                                         "main",
                                                         "AvatarCell.configure(with:)",
                                                         "static PriceFormatter.format(_:)",
                                                         "start_wqthread",
                                                         "UIApplicationMain",
                                                         "_dispatch_call_block_and_release",
                                                         "objc_msgSend",
                                                         "swift_unknownObjectWeakAssign"};
constexpr std::array<string_view, 8> kCocoaModules = {
    "AcmeShop",   "UIKitCore",       "Foundation", "CoreFoundation",
    "AcmeDesign", "libdispatch.dyl", "libobjc.A",  "SwiftUI"};
constexpr std::array<string_view, 8> kCocoaPackages = {
    "Alamofire", "Kingfisher", "AcmeDesign", "Lottie", "Sentry", "SnapKit", "Realm", "RxSwift"};
constexpr std::array<string_view, 20> kCocoaSource = {
    "override func viewDidLoad() {",
    "    super.viewDidLoad()",
    "    guard let order = store.current else { return assertionFailure(\"no order\") }",
    "    title = String(format: NSLocalizedString(\"order.title\", comment: \"\"), order.number)",
    "    tableView.register(AvatarCell.self, forCellReuseIdentifier: \"avatar\")",
    "}",
    "",
    "func refresh() async throws {",
    "    let (data, response) = try await session.data(for: request)",
    "    guard (response as? HTTPURLResponse)?.statusCode == 200 else { throw APIError.status }",
    "    orders = try decoder.decode([Order].self, from: data)",
    "    // キャッシュを消す",
    "    cache.removeAllObjects()",
    "}",
    "static func format(_ price: Decimal) -> String {",
    "    formatter.string(from: price as NSDecimalNumber) ?? \"\\u{2014}\"",
    "}",
    "let badge = UILabel(); badge.text = \"🛒 \\(count)\"",
    "DispatchQueue.main.async { [weak self] in self?.render() }",
    "return items.first { $0.id == id }!",
};

constexpr std::array<string_view, 8> kJavaExceptions = {
    "NullPointerException",   "IllegalStateException",  "IllegalArgumentException",
    "SocketTimeoutException", "OutOfMemoryError",       "ConcurrentModificationException",
    "DataIntegrityViolation", "JsonProcessingException"};
constexpr std::array<string_view, 10> kJavaFunctions = {
    "doFilterInternal", "invoke0",      "handleRequest", "lambda$refresh$3", "<init>", "run",
    "processOrder",     "saveAndFlush", "getConnection", "dispatchMessage"};
constexpr std::array<string_view, 8> kJavaModules = {
    "com.acme.billing.ChargeService",
    "com.acme.web.OrderController",
    "org.springframework.web.servlet.DispatcherServlet",
    "java.lang.Thread",
    "com.acme.search.IndexJob",
    "com.zaxxer.hikari.pool.HikariPool",
    "com.acme.mail.Sender$Worker",
    "android.os.Handler"};
constexpr std::array<string_view, 8> kJavaPackages = {
    "spring-web", "hikaricp", "jackson-databind", "guava", "netty", "sentry", "okhttp", "kotlin"};
constexpr std::array<string_view, 20> kJavaSource = {
    "@Transactional(isolation = Isolation.REPEATABLE_READ)",
    "public Charge processOrder(final Order order) throws ChargeException {",
    "    Objects.requireNonNull(order.getCustomer(), \"customer\");",
    "    try (Connection connection = pool.getConnection()) {",
    "        final var statement = connection.prepareStatement(SELECT_FOR_UPDATE);",
    "        statement.setLong(1, order.getId());",
    "        final ResultSet rows = statement.executeQuery();",
    "        while (rows.next()) {",
    "            lines.add(new Line(rows.getString(\"name\"), rows.getBigDecimal(\"price\")));",
    "        }",
    "    } catch (SQLException e) {",
    "        throw new ChargeException(\"cannot charge \" + order, e);",
    "    }",
    "    // почему так?",
    "    return charges.saveAndFlush(charge);",
    "}",
    "",
    "private static final Pattern SKU = Pattern.compile(\"^[A-Z]{2}\\\\d{6}$\");",
    "    log.warn(\"slow query: {} ms for {}\", elapsed.toMillis(), sql);",
    "    return map.computeIfAbsent(key, k -> new ArrayList<>());",
};

constexpr std::array<Vocabulary, 4> kVocabularies = {
    Vocabulary{"javascript", "sentry.javascript.react", ".js", kScriptExceptions, kScriptFunctions,
               kScriptModules, kScriptPackages, kScriptSource},
    Vocabulary{"python", "sentry.python.django", ".py", kPythonExceptions, kPythonFunctions,
               kPythonModules, kPythonPackages, kPythonSource},
    Vocabulary{"cocoa", "sentry.cocoa", ".swift", kCocoaExceptions, kCocoaFunctions, kCocoaModules,
               kCocoaPackages, kCocoaSource},
    Vocabulary{"java", "sentry.java.spring-boot", ".java", kJavaExceptions, kJavaFunctions,
               kJavaModules, kJavaPackages, kJavaSource},
};

constexpr std::array<Complaint, 16> kComplaints = {{
    {"Cannot read properties of undefined (reading '", "')"},
    {"'NoneType' object has no attribute '", "'"},
    {"duplicate key value violates unique constraint \"", "_pkey\""},
    {"timed out after 30000 ms while loading ", ""},
    {"Kunde für ", " nicht gefunden – bitte prüfen"},
    {"支払いに失敗: ", ""},
    {"💥 checkout exploded while saving ", " 🛒"},
    {"no such file: C:\\shop\\new\\", ".json"},
    {"first line of ", "\nsecond line\r\n\tthird, indented"},
    {"terminal colour \x1b[31m", "\x1b[0m leaked into the text"},
    {"unexpected token '<', \"<!doctype \"... is not valid JSON in ", ""},
    {"permission denied for relation ", " \\ \"public\" / retry?"},
    {"<script>alert('", "')</script> rejected & logged"},
    {"فشل الدفع ", ""},
    {"connection reset by peer while reading ", " (attempt 3 of 3)"},
    {"expected 1.0 but got 0.1000 for ", "; tolerance 1e-05"},
}};

constexpr std::array<string_view, 4> kComplaintDetails = {
    " while handling request 5f0c2b9e-77aa-4c1e-9d57-0b1f6d2e8a31 for tenant \"zürich-west\" on "
    "shard 7; "
    "the previous attempt failed 1.50 s earlier and will not be repeated",
    "\nDETAIL:  Key (order_id, line)=(918273645, 4) already exists.\nCONTEXT:  COPY "
    "shop_order_line, "
    "line 4: \"918273645\\t4\\tCafé Crème\\t3.90\"",
    " (server returned HTTP 502 Bad Gateway for "
    "https://psp.example/v2/charges?expand[]=customer&limit=100, "
    "see https://runbooks.acme.example/psp#502)",
    " – Hinweis: Der Vorgang wurde abgebrochen, bereits gebuchte Positionen bleiben bestehen; "
    "再試行してください"};

constexpr std::array<string_view, 24> kNouns = {
    "invoice", "customer", "cart",    "price",   "session", "avatar",  "shipment", "voucher",
    "payload", "token",    "address", "refund",  "stock",   "catalog", "locale",   "webhook",
    "upload",  "receipt",  "ledger",  "balance", "coupon",  "basket",  "tariff",   "wishlist"};

constexpr std::array<string_view, 3> kEnvironments = {"production", "staging", "development"};

constexpr std::array<string_view, 12> kPaths = {
    "/checkout", "/orders/{id}",  "/search",           "/api/v2/charges",
    "/login",    "/cart/items",   "/profile/settings", "/admin/invoices",
    "/health",   "/webhooks/psp", "/fr/panier",        "/zürich/filialen"};

constexpr std::array<string_view, 4> kBrowsers = {"Firefox 128.0", "Chrome 126.0.0",
                                                  "Mobile Safari 17.5", "Edge 126.0.0"};

constexpr std::array<string_view, 12> kPeople = {
    "Ada Keller",  "Ben O'Neill",       "Chloé Dubois",  "Dmitri Volkov",
    "Emre Yılmaz", "Fatima Haddad",     "Gösta Åkesson", "Hana 佐藤",
    "Ines Muñoz",  "Jonas \"JJ\" Jung", "Kavita Rao",    "Lena Groß"};

constexpr std::array<string_view, 30> kProjectWords = {
    "web",       "api",       "mobile",    "billing", "search",   "checkout", "orders",  "gateway",
    "identity",  "mailer",    "catalog",   "pricing", "reports",  "uploads",  "support", "admin",
    "partners",  "analytics", "scheduler", "exports", "payments", "shipping", "loyalty", "reviews",
    "inventory", "tax",       "fraud",     "docs",    "edge",     "batch"};

constexpr std::array<string_view, 10> kCrumbMessages = {
    "GET /api/orders 200",
    "button#save > span.label clicked",
    "SELECT id, name FROM shop_order WHERE id = %s",
    "cache miss for key cart:%d",
    "navigated from /cart to /checkout",
    "Sitzung verlängert für 30 min",
    "retrying in 1.5 s",
    "feature flag new-checkout = \"on\"",
    "memory pressure: 0.91 of limit",
    "queued job mail.send 📨"};

}  // namespace

const Vocabulary& vocabulary(Platform platform) {
  return kVocabularies[static_cast<std::size_t>(platform)];
}

std::span<const Complaint> complaints() { return kComplaints; }
std::span<const string_view> complaint_details() { return kComplaintDetails; }
std::span<const string_view> nouns() { return kNouns; }
std::span<const string_view> environments() { return kEnvironments; }
std::span<const string_view> paths() { return kPaths; }
std::span<const string_view> people() { return kPeople; }
std::span<const string_view> browsers() { return kBrowsers; }
std::span<const string_view> project_words() { return kProjectWords; }
std::span<const string_view> crumb_messages() { return kCrumbMessages; }

}  // namespace sandbox
