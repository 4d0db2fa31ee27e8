/*
 * What the page tells in words: a program or a flow at the side, all flows as
 * a table.
 */
/* ---- words ---- */

const total = (edge) => edge.connections + edge.refused;
const plural = (count, word, many) => count.toLocaleString("en") + " " +
	(count === 1 ? word : many || word + "s");
const STATES = { allow: "allowed", deny: "refused", partly: "some refused",
	"would-deny": "would be refused", unjudged: "not judged" };

function bytes(count) {
	if (count === null)
		return "not known";
	let unit = 0;
	while (count >= 1000 && unit < 4) {
		count /= 1000;
		unit++;
	}
	return (unit && count < 100 ? count.toFixed(1) : Math.round(count)) +
		" " + ["B", "kB", "MB", "GB", "TB"][unit];
}

const time = (text) => text === null ? "not known"
	: text.slice(0, 10) + " " + text.slice(11, 23);

function ruleOf(edge) {
	if (edge.verdict === null)
		return "none: it was not judged";
	if (edge.rule === null)
		return "none matches: the default verdict";
	return (edge.line === null ? "rule " + edge.rule : "line " + edge.line +
		", rule " + edge.rule) + (edge.label ? ": " + edge.label : "");
}

/* ---- details ---- */

function pairs(list) {
	const result = make("dl");
	for (const [key, value] of list)
		if (value !== null && value !== "")
			result.append(make("dt", {}, key),
				make("dd", {}, String(value)));
	return result;
}

const program = (node) => (node.exe || node.title) +
	(node.script ? " running " + node.script : "") +
	(node.host && node.kind !== "host" ? " on " + node.host : "");

function tellEdge(edge) {
	const samples = make("ul", {}, ...edge.samples.map((text) =>
		make("li", { class: "sample" }, text)));
	return [make("h2", {}, short(edge.from.title) + " \u2192 " +
			short(edge.to.title)),
		make("p", { class: "verdict " + edge.state + "-text" },
			STATES[edge.state]),
		pairs([["Rule", ruleOf(edge)],
			["Port", edge.proto + (edge.port === null ? ""
				: " " + edge.port)],
			["Connections", edge.connections.toLocaleString("en")],
			["Refused", edge.refused || null],
			["Would be refused", edge.would_deny || null],
			...edge.connections ? [["Sent", bytes(edge.sent)],
				["Received", bytes(edge.received)]] : [],
			["Not counted", edge.unmeasured && edge.sent !== null
				? plural(edge.unmeasured, "connection") : null],
			["First, UTC", time(edge.first)],
			["Last, UTC", time(edge.last)],
			["From", program(edge.from)],
			["Unit", edge.from.unit],
			["To", program(edge.to)], ["Unit", edge.to.unit]]),
		make("h2", {}, samples.childElementCount ? "For example" : ""),
		samples];
}

function listEdges(title, edges, other) {
	if (!edges.length)
		return [];
	const order = [...edges].sort((a, b) => total(b) - total(a));
	const list = make("ul", {}, ...order.slice(0, 40).map((edge) => {
		const button = make("button", { type: "button",
			class: edge.state + "-text" },
			make("span", { style: "color:var(--ink)" },
				short(other(edge).title) + "  " + edge.proto + " " +
				(edge.port === null ? "" : edge.port) + "  \u00d7" +
				total(edge).toLocaleString("en")));
		button.addEventListener("click", () => pin(edge));
		return make("li", {}, button);
	}));
	if (order.length > 40)
		list.append(make("li", {}, `and ${order.length - 40} more`));
	return [make("h2", {}, title), list];
}

function tellNode(node) {
	return [make("h2", {}, short(node.title)),
		pairs([["Program", node.exe], ["Script", node.script],
			["Unit", node.unit], ["Host", node.host],
			["Addresses", node.addresses > 1 ? node.addresses
				: null]]),
		...listEdges("Asks", node.out, (edge) => edge.to),
		...listEdges("Is asked by", node.in, (edge) => edge.from)];
}

function tellNothing() {
	return [make("h2", {}, "Details"), make("p", {}, "Point at a program " +
		"or a line. A click keeps it here.")];
}

/* ---- table ---- */

const NAME_ROOM = 34;
const number = (count) => count.toLocaleString("en");
const short = (text) => cut(text, NAME_ROOM);
const second = (text) => text === null ? "" : time(text).slice(0, 19);
const COLUMNS = [
	["from", (e) => e.from.title, short],
	["host", (e) => e.from.host || "", short],
	["to", (e) => e.to.title, short],
	["host", (e) => e.to.host || "", short],
	["proto", (e) => e.proto, String], ["port", (e) => e.port, String],
	["verdict", (e) => e.state, (word) => STATES[word]],
	["rule", (e) => ruleOf(e), String],
	["allowed", (e) => e.connections, number],
	["refused", (e) => e.refused, number],
	["sent", (e) => e.sent, bytes], ["received", (e) => e.received, bytes],
	["first, UTC", (e) => e.first, second],
	["last, UTC", (e) => e.last, second],
];

function compare(a, b) {
	if (a === null || b === null)
		return (a !== null) - (b !== null);
	return a < b ? -1 : a > b ? 1 : 0;
}

function fillRow(edge) {
	edge.row = make("tr", { tabindex: "0" });
	edge.row.subject = edge;
	for (const [name, value, print] of COLUMNS) {
		const it = value(edge);
		const kind = typeof it === "number" ? "number" : name;
		edge.row.append(make("td", { class: kind },
			it === null ? "" : print(it)));
	}
	edge.row.addEventListener("click", () => pin(edge));
	return edge.row;
}

function fillTable() {
	const rows = [...shownEdges];
	if (state.sort !== null) {
		const value = COLUMNS[state.sort][1];
		rows.sort((a, b) => (state.downward ? -1 : 1) *
			compare(value(a), value(b)));
	}
	$("table").querySelector("tbody").replaceChildren(...rows.map(fillRow));
	$("table").querySelectorAll("th").forEach((cell, i) =>
		cell.setAttribute("aria-sort", i !== state.sort ? "none"
			: state.downward ? "descending" : "ascending"));
}

function sortBy(column) {
	state.downward = state.sort === column && !state.downward;
	state.sort = column;
	fillTable();
}

function makeHeader() {
	COLUMNS.forEach(([name], i) => {
		const button = make("button", { type: "button" }, name);
		button.addEventListener("click", () => sortBy(i));
		$("table").querySelector("thead tr").append(
			make("th", { scope: "col" }, button));
	});
}
