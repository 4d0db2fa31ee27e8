/*
 * The page: reads the data, draws what the filter leaves, answers the mouse
 * and the keyboard.  Text from the data gets into the page as text only.
 */
const data = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
const state = {
	words: "", refused: false, loopback: false, view: "graph",
	pinned: null, moved: new Map(), sort: null, downward: false,
};
let shownNodes = [], shownEdges = [], camera = { x: 0, y: 0, scale: 1 };

function make(name, attributes, ...children) {
	const space = SVG_NAMES.has(name) ? "http://www.w3.org/2000/svg"
		: "http://www.w3.org/1999/xhtml";
	const element = document.createElementNS(space, name);
	for (const [key, value] of Object.entries(attributes || {}))
		element.setAttribute(key, value);
	element.append(...children);
	return element;
}
const SVG_NAMES = new Set(["g", "path", "rect", "text", "title"]);

function cut(text, room) {
	const letters = [...text];
	return letters.length <= room ? text
		: letters.slice(0, room - 1).join("") + "\u2026";
}

/* The end of a path says more than its beginning. */
function cutFront(text, room) {
	const letters = [...text];
	return letters.length <= room ? text
		: "\u2026" + letters.slice(1 - room).join("");
}

function nameNode(node) {
	node.lane = data.by === "host" ? "" : node.host;
	node.text = [node.title, node.exe, node.script, node.unit, node.host]
		.filter(Boolean).join(" ").toLowerCase();
}

/* ---- filter ---- */

const LOOPBACK = /^(127\.|::1$)/;

/* Numbers are ports, verdicts are whole words, the rest is found anywhere. */
function matches(edge, word) {
	if (word.startsWith("-") && word.length > 1)
		return !matches(edge, word.slice(1));
	if (/^\d{1,5}$/.test(word))
		return String(edge.port) === word;
	if (word === "deny")
		return edge.refused > 0;
	if (STATES[word])
		return edge.state === word;
	return edge.text.includes(word);
}

function chooseShown() {
	const words = state.words.toLowerCase().split(/\s+/).filter(Boolean);
	shownEdges = data.edges.filter((edge) =>
		(!state.refused || edge.refused || edge.would_deny) &&
		(!state.loopback || !edge.loopback) &&
		words.every((word) => matches(edge, word)));
	data.nodes.forEach((node) => { node.in = []; node.out = []; });
	for (const edge of shownEdges) {
		edge.from.out.push(edge);
		edge.to.in.push(edge);
	}
	shownNodes = data.nodes.filter((node) =>
		node.in.length || node.out.length);
	$("shown").textContent = plural(shownNodes.length, "node") + ", " +
		plural(shownEdges.length, "flow") + " shown";
	$("nothing").hidden = shownNodes.length > 0;
}

/* ---- drawing ---- */

const HEADS = { allow: "M-8 -4L0 0L-8 4Z", partly: "M-8 -4L0 0L-8 4Z",
	deny: "M-8 -5L0 5M0 -5L-8 5",
	"would-deny": "M-8 -4L0 0L-8 4Z", unjudged: "M-8 -4L0 0L-8 4" };

function drawLink(edge) {
	const wide = Math.min(5, 1.2 + Math.log10(total(edge)) * 0.9);
	edge.drawn = make("path", { class: "edge " + edge.state,
		style: "--wide:" + wide.toFixed(2) + "px" });
	edge.hit = make("path", { class: "hit" });
	edge.head = make("path", { class: "head " + edge.state,
		d: HEADS[edge.state] });
	edge.element = make("g", { class: "link" +
		(edge.refused ? " refused" : "") },
		edge.drawn, edge.head, edge.hit);
	edge.element.subject = edge;
	moveLink(edge);
	return edge.element;
}

function moveLink(edge) {
	const path = drawEdge(edge);
	edge.drawn.setAttribute("d", path);
	edge.hit.setAttribute("d", path);
	edge.head.setAttribute("transform", "translate(" + edge.to.box.x + " " +
		portPlace(edge) + ")");
}

function drawPorts(node, group) {
	const box = node.box;
	const top = (box.height - box.ports.length * BOX.line) / 2;
	box.ports.forEach((port, i) => group.append(make("text", {
		class: "port", x: BOX.port - 6,
		y: top + (i + 1) * BOX.line - 3.5 }, cut(port, 8))));
	if (box.ports.length)
		group.append(make("path", { class: "bar",
			d: `M${BOX.port} 1V${box.height - 1}` }));
}

function drawNode(node) {
	const box = node.box, x = textStart(box), room = box.width - x - 8;
	const middle = box.height / 2;
	const group = make("g", { class: "node " + node.kind, tabindex: "0",
		role: "button", "aria-label": describe(node) });
	group.append(make("rect", { class: "box " + node.kind,
		width: box.width, height: box.height,
		rx: node.kind === "address" ? 11 : 3 }));
	drawPorts(node, group);
	group.append(make("text", { x, y: middle + (node.sub ? -2 : 4) },
		cutFront(node.title, Math.floor(room / BOX.title))));
	if (node.sub)
		group.append(make("text", { class: "sub", x, y: middle + 11 },
			cutFront(node.sub, Math.floor(room / BOX.sub))));
	group.subject = node;
	node.element = group;
	moveNode(node);
	return group;
}

function moveNode(node) {
	node.element.setAttribute("transform",
		`translate(${node.box.x} ${node.box.y})`);
}

const describe = (node) => node.title + (node.host ? " on " + node.host : "") +
	", asks " + plural(node.out.length, "flow") + ", is asked " +
	plural(node.in.length, "flow");

/* The canvas has no size while the table is shown. */
function viewSize() {
	const view = $("canvas").getBoundingClientRect();
	return { width: view.width || 1200, height: view.height || 800 };
}

function draw() {
	const world = make("g", { id: "world" });
	const lanes = layOut(shownNodes, shownEdges, viewSize());
	for (const [node, place] of state.moved)
		if (node.box)
			Object.assign(node.box, place, { moved: true });
	for (const lane of lanes)
		world.append(make("g", { class: "lane" }, make("rect", {
			x: lane.x, y: lane.y, width: lane.width,
			height: lane.height, rx: 6 }),
			make("text", { x: lane.x + 12, y: lane.y + 18 },
				lane.name)));
	/* What was refused lies on top. */
	const rank = (edge) => edge.refused ? 2 : edge.would_deny ? 1 : 0;
	[...shownEdges].sort((a, b) => rank(a) - rank(b)).forEach((edge) =>
		world.append(drawLink(edge)));
	shownNodes.forEach((node) => world.append(drawNode(node)));
	$("canvas").replaceChildren(world);
	light(state.pinned);
}

/* ---- what is pointed at ---- */

function light(subject) {
	const lit = new Set(subject ? [subject] : []);
	if (subject && subject.from)
		[subject.from, subject.to].forEach((node) => lit.add(node));
	else if (subject)
		for (const edge of [...subject.in, ...subject.out])
			[edge, edge.from, edge.to].forEach((each) => lit.add(each));
	$("canvas").classList.toggle("asking", lit.size > 0);
	for (const each of [...shownEdges, ...shownNodes]) {
		each.element.classList.toggle("lit", lit.has(each));
		each.element.classList.toggle("pinned", each === state.pinned);
		if (each.row)
			each.row.classList.toggle("pinned", each === state.pinned);
	}
	$("details").replaceChildren(...(!subject ? tellNothing()
		: subject.from ? tellEdge(subject) : tellNode(subject)));
}

function pin(subject) {
	state.pinned = subject === state.pinned ? null : subject;
	light(state.pinned);
}

/* ---- camera ---- */

function look() {
	const world = $("world");
	if (world)
		world.setAttribute("transform", `translate(${camera.x} ` +
			`${camera.y}) scale(${camera.scale})`);
}

function fit() {
	const view = $("canvas").getBoundingClientRect();
	if (!shownNodes.length || !view.width)
		return;
	$("world").removeAttribute("transform");
	const size = $("world").getBBox(), margin = 20;
	camera.scale = Math.min((view.width - 2 * margin) / size.width,
		(view.height - 2 * margin) / size.height, 1.35);
	camera.x = (view.width - size.width * camera.scale) / 2 -
		size.x * camera.scale;
	camera.y = Math.max(margin, (view.height - size.height *
		camera.scale) / 2) - size.y * camera.scale;
	look();
}

/* The point at (x, y) of the canvas stays where it is. */
function zoom(factor, x, y) {
	const view = $("canvas").getBoundingClientRect();
	const scale = Math.min(8, Math.max(0.03, camera.scale * factor));
	x = x === undefined ? view.width / 2 : x - view.left;
	y = y === undefined ? view.height / 2 : y - view.top;
	camera.x = x - (x - camera.x) * scale / camera.scale;
	camera.y = y - (y - camera.y) * scale / camera.scale;
	camera.scale = scale;
	look();
}

function pan(x, y) {
	camera.x += x;
	camera.y += y;
	look();
}

/* ---- mouse ---- */

const subjectOf = (element) => {
	const group = element.closest && element.closest(".node, .link, tbody tr");
	return group ? group.subject : null;
};

function dragNode(node, event) {
	node.box.x += event.movementX / camera.scale;
	node.box.y += event.movementY / camera.scale;
	state.moved.set(node, { x: node.box.x, y: node.box.y });
	node.box.moved = true;
	moveNode(node);
	[...node.in, ...node.out].forEach(moveLink);
}

function listenToMouse() {
	const canvas = $("canvas");
	let held = null, far = 0;
	canvas.addEventListener("pointerdown", (event) => {
		held = subjectOf(event.target) || canvas;
		far = 0;
	});
	window.addEventListener("pointermove", (event) => {
		if (!held)
			return;
		far += Math.abs(event.movementX) + Math.abs(event.movementY);
		canvas.classList.toggle("dragging", far > 4);
		if (held.box && far > 4)
			dragNode(held, event);
		else if (held === canvas)
			pan(event.movementX, event.movementY);
	});
	window.addEventListener("pointerup", () => {
		if (held && far <= 4)
			pin(held === canvas ? state.pinned : held);
		held = null;
		canvas.classList.remove("dragging");
	});
	canvas.addEventListener("pointerover", (event) => {
		const subject = subjectOf(event.target);
		if (!held && !state.pinned)
			light(subject);
	});
	canvas.addEventListener("focusin", (event) => {
		if (!held && !state.pinned)
			light(subjectOf(event.target));
	});
	canvas.addEventListener("wheel", (event) => {
		event.preventDefault();
		zoom(Math.exp(-event.deltaY * 0.0015), event.clientX,
			event.clientY);
	}, { passive: false });
}

/* ---- keyboard ---- */

const KEYS = {
	"/": () => $("filter").focus(),
	Escape: () => { state.pinned = null; light(null); },
	"+": () => zoom(1.25), "-": () => zoom(0.8), 0: fit,
	ArrowLeft: () => pan(60, 0), ArrowRight: () => pan(-60, 0),
	ArrowUp: () => pan(0, 60), ArrowDown: () => pan(0, -60),
};

function onKey(event) {
	const typing = event.target === $("filter");
	if (typing && event.key === "Escape")
		$("filter").blur();
	if (typing || event.ctrlKey || event.metaKey || event.altKey)
		return;
	const subject = subjectOf(event.target);
	if (subject && (event.key === "Enter" || event.key === " "))
		pin(subject);
	else if (KEYS[event.key] && (state.view === "graph" ||
			!event.key.startsWith("Arrow")))
		KEYS[event.key]();
	else
		return;
	event.preventDefault();
}

/* ---- start ---- */

function show() {
	$("graph").hidden = state.view !== "graph";
	$("table").hidden = state.view !== "table";
	$("view-graph").setAttribute("aria-pressed", state.view === "graph");
	$("view-table").setAttribute("aria-pressed", state.view === "table");
}

/* After each change of the filter. */
function update() {
	chooseShown();
	if (![...shownEdges, ...shownNodes].includes(state.pinned))
		state.pinned = null;
	draw();
	fillTable();
	fit();
	const parts = new URLSearchParams();
	if (state.words)
		parts.set("filter", state.words);
	for (const key of ["refused", "loopback"])
		if (state[key])
			parts.set(key, "1");
	if (state.view !== "graph")
		parts.set("view", state.view);
	history.replaceState(null, "", "#" + parts);
}

/* The address of the page says what it shows, so that it can be passed on. */
function readAddress() {
	const parts = new URLSearchParams(location.hash.slice(1));
	state.words = $("filter").value = parts.get("filter") || "";
	state.refused = $("refused").checked = parts.has("refused");
	state.loopback = $("loopback").checked = parts.has("loopback");
	state.view = parts.get("view") === "table" ? "table" : "graph";
}

function listen() {
	$("filter").addEventListener("input", () => {
		state.words = $("filter").value;
		update();
	});
	for (const key of ["refused", "loopback"])
		$(key).addEventListener("change", () => {
			state[key] = $(key).checked;
			update();
		});
	for (const view of ["graph", "table"])
		$("view-" + view).addEventListener("click", () => {
			state.view = view;
			show();
			update();
		});
	$("controls").addEventListener("submit", (event) =>
		event.preventDefault());
	$("zoom-in").addEventListener("click", () => zoom(1.25));
	$("zoom-out").addEventListener("click", () => zoom(0.8));
	$("fit").addEventListener("click", () => {
		state.moved.clear();
		draw();
		fit();
	});
	window.addEventListener("keydown", onKey);
	window.addEventListener("hashchange", () => {
		readAddress();
		show();
		update();
	});
	window.addEventListener("resize", fit);
	listenToMouse();
}

function summarize() {
	const programs = data.nodes.filter((node) =>
		node.kind === "program").length;
	const addresses = data.nodes.reduce((count, node) =>
		count + (node.addresses || 0), 0);
	const parts = [plural(data.hosts.length, "host")];
	if (programs)
		parts.push(plural(programs, data.by === "unit" ? "unit"
			: "program"));
	parts.push(plural(addresses, "address", "addresses"),
		plural(data.connections, "connection") + ", " +
		data.refused.toLocaleString("en") + " refused");
	if (data.since)
		parts.push(time(data.since) + " to " + time(data.until) + " UTC");
	$("summary").textContent = parts.join("  \u00b7  ");
	document.title = "connwarden: " + data.hosts.join(", ");
	$("warning").hidden = !data.holes;
	$("warning").textContent = plural(data.holes, "hole") + ": " +
		plural(data.missing, "record") + " missing";
}

function start() {
	data.nodes.forEach(nameNode);
	for (const edge of data.edges) {
		edge.from = data.nodes[edge.from];
		edge.to = data.nodes[edge.to];
		edge.text = [edge.from.text, edge.to.text, edge.proto, edge.label,
			...edge.samples].filter(Boolean).join(" ").toLowerCase();
	}
	summarize();
	makeHeader();
	listen();
	readAddress();
	show();
	update();
}

start();
