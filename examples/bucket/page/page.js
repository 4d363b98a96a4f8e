// What comes from the buckets or from a document is set as text, never as markup.

const $ = (id) => document.getElementById(id);
const here = location.origin;
const other = location.hostname === "localhost"
  ? here.replace("localhost", "127.0.0.1")
  : here.replace(location.hostname, "localhost");

let server;
let inForce = null;

function element(name, options = {}, ...children) {
  const made = Object.assign(document.createElement(name), options);
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

// The page's own server: same origin, so nothing of this is about CORS.
async function ask(path, method = "GET", body = undefined) {
  const response = await fetch(`api/${path}`, { method, body });
  const text = await response.text();
  try {
    return { ok: response.ok, ...JSON.parse(text) };
  } catch {
    return { ok: false, error: text };
  }
}

const bucket = () => $("bucket").value.trim();
const form = () => document.querySelector("input[name=form]:checked").value;
const corsPath = (more = "") => `buckets/${encodeURIComponent(bucket())}/cors?vary=${$("vary").value}${more}`;

/* The document. */

let known = { xml: "", json: "" };

async function setText(both) {
  known = { xml: both.xml ?? "", json: both.json ?? "" };
  $("text").value = known[form()];
  mark([]);
  await check();
}

// True if the text can be written in the other form.
async function check() {
  const text = $("text").value;
  if (text.trim() === "") {
    known = { xml: "", json: "" };
    show({});
    return true;
  }
  const checked = await ask(corsPath("&check"), "PUT", text);
  if (text !== $("text").value) return false; // it has been written on meanwhile
  if (checked.ok) known = { xml: checked.xml, json: checked.json };
  show(checked);
  return checked.ok;
}

function show({ faults = [], findings, found }) {
  const text = $("text").value;
  mark(faults, findings);
  showFindings(text, findings, found);
}

// Leads to where something stands.
function leads(spot, ...shown) {
  const where = spot.line ? `${spot.line}:${spot.column} ` : "";
  const button = element("button", { type: "button" }, element("span", { className: "code", textContent: where }), ...shown);
  button.addEventListener("click", () => {
    const lines = $("text").value.split("\n").length;
    $("text").focus();
    $("text").setSelectionRange(spot.from, spot.to);
    $("text").scrollTop = (((spot.line ?? 1) - 4) / lines) * $("text").scrollHeight;
  });
  return button;
}

// Faults and findings, where they are in the text.
function mark(faults, findings = []) {
  const text = $("text").value;
  const found = faults.map((fault) => ({ ...fault, ...place(text, fault) }));
  $("faults").replaceChildren(...found.map((fault) => element("li", {}, leads(fault, fault.text))));
  const count = found.length === 1 ? "One fault" : `${found.length} faults`;
  $("checked").textContent = found.length ? `${count}; the bucket would refuse this document.` : "";
  $("checked").classList.toggle("bad", found.length > 0);
  $("text").setAttribute("aria-invalid", String(found.length > 0));
  $("apply").disabled = found.length > 0;

  const marks = [];
  let at = 0;
  // A fault goes before a finding, whose list may take many lines.
  const others = findings.map((finding) => {
    const { from, to } = place(text, finding);
    return { from, to: from + text.slice(from, to).search(/\n|$/), severity: finding.severity };
  }).filter(({ from, to }) => !found.some((fault) => fault.from < to && from < fault.to));
  for (const { from, to, severity } of [...found, ...others].toSorted((a, b) => a.from - b.from)) {
    if (from < at) continue;
    marks.push(text.slice(at, from), element("mark", { className: severity ?? "", textContent: text.slice(from, to) }));
    at = to;
  }
  $("marks").replaceChildren(...marks, `${text.slice(at)}\n`);
  const bad = new Set(found.map((fault) => text.slice(0, fault.from).split("\n").length));
  const numbers = text.split("\n").flatMap((_, n) => {
    const number = String(n + 1);
    return [bad.has(n + 1) ? element("b", { textContent: number }) : number, "\n"];
  });
  $("numbers").replaceChildren(...numbers, "\n");
  follow();
}

function follow() {
  for (const id of ["marks", "numbers"]) $(id).scrollTop = $("text").scrollTop;
  $("marks").scrollLeft = $("text").scrollLeft;
}

// Where something stands: said, or where reading stopped.
function place(text, { line: number, column: character, from, to }) {
  const mark = text.startsWith("\uFEFF") ? 1 : 0;
  if (from !== undefined) return { from: from + mark, to: to + mark };
  if (!number) return { from: 0, to: text.length };
  const lines = text.split("\n");
  const before = lines.slice(0, number - 1).reduce((sum, line) => sum + line.length + 1, 0);
  const line = lines[number - 1] ?? "";
  const column = [...line].slice(0, Math.max(0, character - 1)).join("").length;
  const rest = line.slice(column);
  if (rest.trim() === "") return { from: before + line.search(/\S|$/), to: before + line.length };
  if (!text.trimStart().startsWith("<")) {
    // For JSON that is the last character of what is wrong.
    const tokens = [...line.matchAll(/"(?:[^"\\]|\\.)*"?|[^\s"{}[\],:]+|\S/g)];
    const token = tokens.find((token) => token.index + token[0].length > column) ?? tokens.at(-1);
    return { from: before + token.index, to: before + token.index + token[0].length };
  }
  const token = rest.match(/^<[^>]*>?|^[^<]+/);
  return { from: before + column, to: before + column + (token ? token[0].length : 1) };
}

/* What the provider takes, but its owner hardly means. */

function showFindings(text, findings = undefined, count = 0) {
  const more = count > (findings?.length ?? 0) ? `; the first ${findings.length} are shown` : "";
  $("found").textContent = findings === undefined ? "" : {
    0: "Nothing was found.",
    1: "One finding.",
  }[count] ?? `${count} findings${more}.`;
  $("fix").hidden = more !== "" || !findings?.some(({ fix }) => fix?.safe);
  $("findings").replaceChildren(...(findings ?? []).map((finding, n) => {
    const { severity, code, fix } = finding;
    const item = element(
      "li",
      { className: severity },
      leads(
        { ...finding, ...place(text, finding) },
        element("strong", { textContent: `${severity} ${code} ` }),
        finding.text,
      ),
      element("p", { textContent: finding.why }),
    );
    if (fix) {
      const button = element("button", { type: "button", className: "fix", textContent: inWords(fix) });
      button.addEventListener("click", () => busy(() => mend(text, n)));
      item.append(button);
    }
    return item;
  }));
}

function inWords({ edits, safe }) {
  const each = edits.map(({ place, value }) => {
    if (value === null) {
      return place.value === null ? `leave out ${place.element} of rule ${place.rule + 1}` : "leave it out";
    }
    return place.value === null ? `add ${place.element} “${value}”` : `write “${value}”`;
  });
  return `${safe ? "Fix" : "Perhaps"}: ${each.join(", ")}`;
}

// Mends one finding in the text that it is about, or all that is safe.
async function mend(text, n = undefined) {
  if (text !== $("text").value) return;
  const mended = await ask(`fixed${n === undefined ? "" : `?finding=${n}`}`, "POST", text);
  if (!mended.ok) $("saved").textContent = mended.error;
  if (!mended.ok || text !== $("text").value) return;
  // As if it had been typed: undoing it brings back what the reader does not keep, such as comments.
  $("text").focus();
  $("text").select();
  if (!document.execCommand("insertText", false, mended.text)) $("text").value = mended.text;
  $("text").setSelectionRange(0, 0);
  $("text").scrollTop = 0;
  clearTimeout(waiting);
  await check();
  const left = [...document.querySelectorAll("#findings .fix")];
  const next = left[Math.min(n ?? 0, left.length - 1)];
  (next ?? $("text")).focus();
}

/* The rules in force. */

function showForce(rules, deciding = undefined) {
  inForce = rules;
  if (rules === null) {
    $("force").replaceChildren(element("li", { textContent: "No configuration." }));
    return;
  }
  $("force").replaceChildren(...rules.map((rule, n) => {
    const id = rule.ID ? ` “${rule.ID}”` : "";
    const more = [
      rule.AllowedHeaders?.length ? `takes ${rule.AllowedHeaders.join(", ")}` : null,
      rule.ExposeHeaders?.length ? `exposes ${rule.ExposeHeaders.join(", ")}` : null,
      (rule.MaxAgeSeconds ?? null) !== null ? `kept ${rule.MaxAgeSeconds} s` : null,
    ].filter((text) => text !== null);
    const whom = `${rule.AllowedMethods.join(" ")} from ${rule.AllowedOrigins.join(", ")}`;
    const decided = n === deciding;
    return element(
      "li",
      { className: decided ? "decided" : "" },
      element("strong", { textContent: `Rule ${n + 1}${id}: ` }),
      element("span", { className: "code", textContent: whom }),
      more.length ? element("span", { className: "quiet", textContent: `; ${more.join("; ")}` }) : null,
      decided ? element("strong", { textContent: " — decided" }) : null,
    );
  }));
}

async function openBucket() {
  if (!$("open").reportValidity()) return false;
  const made = await ask(`buckets/${encodeURIComponent(bucket())}`, "PUT");
  if (!made.ok) {
    $("saved").textContent = made.error;
    return false;
  }
  const found = await ask(corsPath());
  $("vary").value = found.vary;
  await setText(found);
  showForce(found.rules);
  const { buckets } = await ask("state");
  $("buckets").replaceChildren(...buckets.map((value) => element("option", { value })));
  return true;
}

async function putInForce(text, rewrite) {
  const put = text.trim() === "" ? { ok: false, error: "There is no document." } : await ask(corsPath(), "PUT", text);
  if (put.ok) {
    if (rewrite) await setText(put);
    showForce(put.rules);
    $("saved").textContent = "In force with the next request.";
  } else {
    if (put.faults) show(put);
    $("saved").textContent = put.error ?? `Refused with ${put.provider.code}. Nothing has changed.`;
  }
  return put.ok;
}

async function removeRules() {
  await ask(corsPath(), "DELETE");
  showForce(null);
  $("saved").textContent = "The bucket has no configuration.";
}

/* Requests. */

function urlOf(key, more = "") {
  const [path, query] = key.split(/\?(.*)/s);
  const escaped = path.split("/").map(encodeURIComponent).join("/");
  const url = `${server.bucket}/${encodeURIComponent(bucket())}/${escaped}`;
  const queries = [query, more].filter((part) => part).join("&");
  return queries ? `${url}?${queries}` : url;
}

function headersOf(text) {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.map((line) => {
    const [name, value] = line.split(/:(.*)/s);
    return [name.trim(), (value ?? "").trim()];
  });
}

// One request: what the page gets to know of it.
async function attempt(method, url, init = {}) {
  const line = `${method} ${url.slice(server.bucket.length)}`;
  try {
    const response = await fetch(url, { method, ...init });
    if (response.type === "opaque") return { line, opaque: true };
    const text = await response.text();
    return { line, status: response.status, headers: [...response.headers], text, url: response.redirected ? response.url : null };
  } catch (error) {
    return { line, error: `${error.name}: ${error.message}` };
  }
}

async function perform() {
  const method = $("method").value;
  const key = $("key").value;
  const headers = headersOf($("headers").value);
  const common = {
    credentials: $("credentials").checked ? "include" : "omit",
    cache: $("cache").checked ? "default" : "no-store",
  };
  const attempts = [];
  if ($("plain").checked) attempts.push(await attempt("GET", urlOf(key), { ...common, mode: "no-cors" }));
  if (method !== "multipart") {
    const body = method === "PUT" ? $("body").value : undefined;
    attempts.push(await attempt(method, urlOf(key), { ...common, headers, body }));
    return attempts;
  }

  const step = async (...request) => {
    const result = await attempt(...request);
    attempts.push(result);
    return result.status === 200 ? result : null;
  };
  const begun = await step("POST", urlOf(key, "uploads"), { ...common, headers });
  const id = begun?.text.match(/<UploadId>([^<]*)</)?.[1];
  if (!id) return attempts;
  const text = $("body").value;
  const half = Math.ceil(text.length / 2);
  const listed = [];
  for (const [n, body] of [text.slice(0, half), text.slice(half)].entries()) {
    const part = await step("PUT", urlOf(key, `partNumber=${n + 1}&uploadId=${id}`), { ...common, body });
    if (!part) return attempts;
    const etag = part.headers.find(([name]) => name === "etag")?.[1];
    if (!etag) {
      part.note = "The page can’t finish: it needs each part’s ETag, which no rule exposes.";
      return attempts;
    }
    listed.push(`<Part><PartNumber>${n + 1}</PartNumber><ETag>${etag.replaceAll('"', "&quot;")}</ETag></Part>`);
  }
  const body = `<CompleteMultipartUpload>${listed.join("")}</CompleteMultipartUpload>`;
  await step("POST", urlOf(key, `uploadId=${id}`), { ...common, body });
  return attempts;
}

async function send() {
  const { latest } = await ask("decisions");
  const attempts = await perform();
  const { decisions } = await ask(`decisions?bucket=${encodeURIComponent(bucket())}&since=${latest}`);
  const deciding = decisions.findLast((decision) => decision.rule !== null)?.rule;
  showForce(inForce, deciding);
  showVerdict(attempts, decisions);
  $("read").replaceChildren(...attempts.map(readCard));
  $("decided").replaceChildren(...decisions.map(decidedCard));
  if (decisions.length === 0) {
    const text = "No request reached the bucket: the browser answered from its cache.";
    $("decided").append(element("p", { className: "card", textContent: text }));
  }
}

/* The result. */

function showVerdict(attempts, decisions) {
  const last = attempts.at(-1);
  const denied = decisions.findLast((decision) => decision.outcome === "denied");
  const preflighted = decisions.some((decision) => decision.kind === "preflight");
  const bad = last.error !== undefined || last.note !== undefined;
  const [title, ...lines] = bad ? whyNot(last, denied, decisions) : [
    last.opaque ? "The answer is opaque: the page sees nothing of it." : `The page could read the answer: ${last.status}.`,
    decisions.length === 0 ? "It came from the browser’s cache." : howSent(preflighted),
  ];
  $("verdict").className = `verdict ${bad ? "no" : "yes"}`;
  $("verdict").replaceChildren(
    element("p", {}, element("strong", { textContent: title })),
    ...lines.filter((line) => line).map((line) => element("p", {}, ...[line].flat())),
  );
}

function howSent(preflighted) {
  if (preflighted) return "The browser asked first, with a preflight.";
  const plain = /^(accept|accept-language|content-language|range)$/i;
  const asks = ["PUT", "DELETE"].includes($("method").value)
    || headersOf($("headers").value).some(([name]) => !plain.test(name));
  return asks
    ? "The browser remembered what an earlier preflight was answered."
    : "It needed no preflight.";
}

function whyNot(last, denied, decisions) {
  if (last.note) return ["The upload stopped half-way.", last.note];
  if (denied?.kind === "preflight") {
    return ["The preflight was denied, so the request was never sent.", denied.reason, remedy(denied)];
  }
  if (denied) {
    return [
      "The page could read nothing.",
      `${denied.reason} The bucket served the request all the same (${denied.status}); the browser kept the answer.`,
      remedy(denied),
    ];
  }
  const decision = decisions.findLast((decision) => decision.outcome === "allowed");
  if (decision === undefined) {
    return [
      "The page could read nothing.",
      $("cache").checked
        ? "The browser had an answer in its cache that names no origin, and nothing in it said that for another kind of request the answer may differ."
        : "The bucket could not be reached.",
    ];
  }
  const star = decision.fields.some(([name, value]) => name === "Access-Control-Allow-Origin" && value === "*");
  return [
    "The page could read nothing, though the bucket allowed it.",
    star && $("credentials").checked
      ? "The rule lists *, which is answered as *. With credentials a browser wants its origin by name, and Access-Control-Allow-Credentials."
      : "The browser’s console says what it missed.",
  ];
}

// What the closest rule lacks, in the document’s words.
function remedy(decision) {
  const field = (name) => decision.request.find(([of]) => of === name)?.[1];
  const method = field("Access-Control-Request-Method") ?? decision.method;
  const code = (name, text) => element("code", { textContent: `<${name}>${text}</${name}>` });
  const names = (field("Access-Control-Request-Headers") ?? "").split(",");
  return {
    not_configured: "Put a document in force.",
    origin: ["It takes a rule with ", code("AllowedOrigin", field("Origin")), "."],
    method: ["It takes ", code("AllowedMethod", method), " in a rule for this origin."],
    headers: ["It takes ", ...names.flatMap((name) => [code("AllowedHeader", name), " "]), "in one rule."],
  }[decision.denial];
}

function lines(pairs) {
  if (pairs.length === 0) return null;
  return element("dl", { className: "lines" }, ...pairs.flatMap(([name, value]) => [
    element("dt", { textContent: name }),
    element("dd", { textContent: value }),
  ]));
}

function card(title, tag, good, ...children) {
  return element(
    "article",
    { className: "card" },
    element(
      "header",
      {},
      element("h4", { textContent: title }),
      element("span", { className: `tag ${good ? "yes" : "no"}`, textContent: tag }),
    ),
    ...children,
  );
}

function readCard(result) {
  if (result.error) {
    return card(result.line, "nothing", false, element("p", { className: "code", textContent: result.error }));
  }
  if (result.opaque) {
    const text = "An opaque answer: it may be shown as a picture, but not read.";
    return card(result.line, "opaque", true, element("p", { textContent: text }));
  }
  return card(
    result.line,
    String(result.status),
    true,
    result.url ? element("p", { textContent: `after a redirect to ${result.url}` }) : null,
    result.note ? element("p", { textContent: result.note }) : null,
    lines(result.headers),
    result.text ? element("pre", { className: "text", tabIndex: 0, role: "region", ariaLabel: "Body", textContent: result.text.slice(0, 4000) }) : null,
  );
}

const ANSWERED = /^(access-control-|vary$|etag$|location$|cache-control$|content-range$)/;

function decidedCard(decision) {
  const kind = { preflight: "preflight", actual: "", options: "no preflight", not_cors: "not CORS" }[decision.kind];
  const good = decision.outcome !== "denied";
  const id = decision.rule_id ? ` “${decision.rule_id}”` : "";
  const tag = decision.outcome === "allowed" ? `allowed by rule ${decision.rule + 1}${id}` : decision.outcome.replace("_", " ");
  const answered = (decision.answered ?? []).filter(([name]) => ANSWERED.test(name));
  const served = decision.kind === "preflight" || decision.outcome !== "denied" ? "" : ", served all the same";
  const error = decision.error ? ` ${decision.error.code}` : "";
  const [why] = decision.explanation?.split("\n") ?? [decision.reason];
  return card(
    `${decision.method} ${decision.path}${kind ? ` (${kind})` : ""}`,
    tag,
    good,
    element("p", { className: "why", textContent: why }),
    decision.explanation ? element(
      "details",
      {},
      element("summary", { textContent: "Step by step" }),
      element("pre", { className: "text", tabIndex: 0, role: "region", ariaLabel: "Explanation", textContent: decision.explanation }),
    ) : null,
    lines(decision.request),
    element("h5", { textContent: `Answered ${decision.status ?? "nothing yet"}${error}${served}` }),
    lines(answered),
  );
}

/* The walk. */

const get = { method: "GET", key: "hello.txt" };
const one = (rule) => ({ CORSRules: [rule] });
const mine = { ID: "this-page", AllowedOrigins: [here], AllowedMethods: ["GET", "HEAD"] };
const anyone = { ID: "anyone", AllowedOrigins: ["*"], AllowedMethods: ["GET", "HEAD", "PUT", "POST", "DELETE"], AllowedHeaders: ["*"], ExposeHeaders: ["ETag"], MaxAgeSeconds: 600 };

const walk = [
  {
    title: "No configuration",
    say: "Served as ever, but to no page.",
    runs: [["Send", { rules: null, ...get }]],
  },
  {
    title: "The least restrictive rule",
    say: "Any origin, method and header.",
    runs: [["Send", { rules: one(anyone), method: "PUT", key: "mine.txt", headers: "content-type: text/plain\nx-demo: 1" }]],
  },
  {
    title: "The most restrictive",
    say: "This page, and only to read.",
    runs: [["Read", { rules: one(mine), ...get }], ["Write", { rules: one(mine), method: "PUT", key: "mine.txt" }]],
  },
  {
    title: "Another origin",
    say: "This page by another name.",
    runs: [["Send", { rules: one({ ...mine, ID: "the-other", AllowedOrigins: [other] }), ...get }]],
    link: true,
  },
  {
    title: "A header of its own",
    say: "It makes the browser ask first.",
    runs: [
      ["Not allowed", { rules: one({ ...mine, AllowedHeaders: ["content-type"] }), ...get, headers: "x-demo: 1" }],
      ["Allowed", { rules: one({ ...mine, AllowedHeaders: ["content-type", "x-*"] }), ...get, headers: "x-demo: 1" }],
    ],
  },
  {
    title: "What the page may read",
    say: "Parts are listed by their ETags.",
    runs: [
      ["Hidden", { rules: one({ ...anyone, ExposeHeaders: [] }), method: "multipart", key: "parts.txt" }],
      ["Exposed", { rules: one(anyone), method: "multipart", key: "parts.txt" }],
    ],
  },
  {
    title: "With credentials",
    say: "Then * is not enough.",
    runs: [
      ["With *", { rules: one({ ...anyone }), ...get, credentials: true }],
      ["By name", { rules: one(mine), ...get, credentials: true }],
    ],
  },
  {
    title: "The trap in the cache",
    say: "Loaded as a picture first.",
    runs: [
      ["As provider", { rules: one(mine), ...get, key: "kept.txt", vary: "as-provider", cache: true, plain: true }],
      ["Always", { rules: one(mine), ...get, key: "kept.txt", vary: "safe", cache: true, plain: true }],
    ],
  },
];

async function take(run, item) {
  for (const step of $("walk").children) step.removeAttribute("aria-current");
  item.setAttribute("aria-current", "step");
  if (!(await openBucket())) return;
  $("vary").value = run.vary ?? "safe";
  if (run.rules === null) {
    await setText({});
    await removeRules();
  } else if (!(await putInForce(JSON.stringify(run.rules), true))) {
    return;
  }
  fill(run);
  await send();
  if (matchMedia("(max-width: 62rem)").matches) $("result").scrollIntoView();
}

function fill(run) {
  $("method").value = run.method;
  // A key of its own for each try: what a cache has kept of another one must not answer.
  $("key").value = run.plain ? `${run.key}?x-try=${Date.now()}` : run.key;
  $("headers").value = run.headers ?? "";
  for (const id of ["credentials", "cache", "plain"]) $(id).checked = run[id] ?? false;
}

function showWalk() {
  $("walk").replaceChildren(...walk.map(({ title, say, runs, link }) => {
    const item = element("li", {}, element("strong", { textContent: title }), element("p", { textContent: say }));
    for (const [label, run] of runs) {
      const button = element("button", { type: "button", textContent: label, ariaLabel: `${title}: ${label}` });
      button.addEventListener("click", () => busy(() => take(run, item)));
      item.append(button);
    }
    if (link) item.append(element("a", { href: `${other}/#send`, target: "_blank", textContent: "Send from there" }));
    return item;
  }));
}

// One thing at a time.
async function busy(what) {
  if (document.body.ariaBusy === "true") return;
  document.body.ariaBusy = "true";
  try {
    await what();
  } catch (error) {
    $("verdict").className = "verdict no";
    $("verdict").replaceChildren(element("p", { textContent: `The page’s own server does not answer: ${error.message}` }));
  } finally {
    document.body.ariaBusy = "false";
  }
}

async function begin() {
  server = await ask("state");
  $("here").textContent = here;
  $("there").textContent = server.bucket;
  $("provider").textContent = server.provider;
  showWalk();
  await openBucket();
  if (location.hash === "#send") {
    fill(get);
    await send();
  }
}

let waiting;
$("text").addEventListener("input", () => {
  mark([]);
  clearTimeout(waiting);
  waiting = setTimeout(check, 250);
});
$("text").addEventListener("scroll", follow);
for (const radio of document.querySelectorAll("input[name=form]")) {
  radio.addEventListener("change", async () => {
    if (await check()) {
      await setText(known);
    } else {
      document.querySelector(`input[name=form]:not([value=${form()}])`).checked = true;
    }
  });
}
$("open").addEventListener("submit", (event) => {
  event.preventDefault();
  busy(openBucket);
});
$("apply").addEventListener("click", () => busy(() => putInForce($("text").value, false)));
$("fix").addEventListener("click", () => busy(() => mend($("text").value)));
$("remove").addEventListener("click", () => busy(removeRules));
$("request").addEventListener("submit", (event) => {
  event.preventDefault();
  busy(send);
});
busy(begin);
