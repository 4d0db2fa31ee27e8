/*
 * Where boxes and lines go.  No DOM here, and no chance: the same graph gives
 * the same picture.
 *
 * Programs stand in layers, who asks left of who is asked, and each host has a
 * lane across the layers.  Addresses whose program is not known are outside of
 * the lanes: left those that only ask, right the others.  A line that passes a
 * layer gets a slot between the boxes there, shared with all lines of the same
 * program, so that no line runs behind a box.
 */
const BOX = { most: 200, line: 14, pad: 5, port: 62, title: 7.1, sub: 6.2 };
const GAP = { x: 76, slot: 6, lane: 16, title: 25, inset: 18 };
/* A cell with more boxes gets columns; tried one after the other. */
const ROWS = [1000, 24, 16, 12, 9, 7, 5, 4, 3, 2];
const PORTS = 6;		/* in a box */
const SLOTS = 5;		/* in a cell; more lines share them */
/* Between boxes: as much as the page has room for. */
const SPREAD = [36, 28, 21, 15, 11];
let gapY = SPREAD[SPREAD.length - 1];
const SWEEPS = 12;

const sum = (list) => list.reduce((a, b) => a + b, 0);
const mean = (list) => sum(list) / list.length;

function portName(edge) {
	if (edge.port === null)
		return edge.proto;
	return edge.proto === "tcp" ? String(edge.port)
		: edge.port + "/" + edge.proto;
}

/* The ports that a node is reached at; the rarest share the last line. */
function findPorts(node) {
	const counts = new Map();
	for (const edge of node.in)
		counts.set(portName(edge), (counts.get(portName(edge)) || 0) +
			edge.connections + edge.refused);
	let names = [...counts.keys()].sort((a, b) =>
		counts.get(b) - counts.get(a) || (a < b ? -1 : 1));
	if (names.length > PORTS)
		names = [...names.slice(0, PORTS - 1),
			"+" + (names.length - PORTS + 1)];
	return names;
}

function makeBox(node) {
	const ports = findPorts(node);
	const lines = Math.max(ports.length, node.sub ? 2 : 1);
	return {
		node, ports, width: 0, x: 0, y: 0,
		height: lines * BOX.line + 2 * BOX.pad,
		left: [], right: [],	/* links to items of other layers */
	};
}

/* ---- layers ---- */

/* Marks edges that close a circle; the others give the order of layers. */
function findOrder(nodes) {
	const state = new Map(), order = [], back = new Set();
	const visit = (start) => {
		const stack = [[start, 0]];
		state.set(start, 1);
		while (stack.length) {
			const top = stack[stack.length - 1];
			const edge = top[0].out[top[1]++];
			if (!edge) {
				state.set(top[0], 2);
				order.push(stack.pop()[0]);
			} else if (state.get(edge.to) === 1) {
				back.add(edge);
			} else if (!state.has(edge.to)) {
				state.set(edge.to, 1);
				stack.push([edge.to, 0]);
			}
		}
	};
	const asks = (node) => node.out.length - node.in.length;
	[...nodes].sort((a, b) => !!a.in.length - !!b.in.length ||
		asks(b) - asks(a) || a.id - b.id)
		.forEach((node) => state.has(node) || visit(node));
	return { order: order.reverse(), back };
}

function isOutside(node) {
	return node.kind === "address" && !node.host;
}

/* Layer 0 and the last one are for what is outside. */
function setLayers(nodes) {
	const inside = nodes.filter((node) => !isOutside(node));
	const { order, back } = findOrder(nodes);
	const ahead = (edge) => !back.has(edge) && !isOutside(edge.to);
	let last = 1;
	inside.forEach((node) => { node.layer = 1; });
	for (const node of order.filter((each) => !isOutside(each)))
		for (const edge of node.out.filter(ahead)) {
			edge.to.layer = Math.max(edge.to.layer, node.layer + 1);
			last = Math.max(last, edge.to.layer);
		}
	/* Who is asked by nobody stands right before those that it asks. */
	for (const node of [...order].reverse()) {
		const targets = node.out.filter((edge) => !back.has(edge))
			.map((edge) => isOutside(edge.to) ? last + 1
				: edge.to.layer);
		if (!isOutside(node) && !node.in.length && targets.length)
			node.layer = Math.min(...targets) - 1;
	}
	for (const node of nodes.filter(isOutside))
		node.layer = node.in.length ? last + 1 : 0;
	return last + 2;
}

/* ---- lanes, and slots for lines that pass ---- */

function makeLanes(nodes, layers) {
	const lanes = new Map();
	for (const node of nodes.filter((each) => !isOutside(each))) {
		if (!lanes.has(node.lane))
			lanes.set(node.lane, { name: node.lane, cells:
				Array.from({ length: layers }, () => []) });
		node.box.lane = lanes.get(node.lane);
		node.box.lane.cells[node.layer].push(node.box);
	}
	const depth = (lane) => mean(lane.cells.flatMap((cell, i) =>
		cell.map(() => i)));
	return [...lanes.values()].sort((a, b) => depth(a) - depth(b) ||
		(a.name < b.name ? -1 : 1));
}

function link(from, to) {
	from.right.push(to);
	to.left.push(from);
}

/* The slot of such edges in the lane at @layer, made when first asked for. */
function findSlot(slots, edge, lane, layer) {
	const count = lane.cells[layer].filter((item) => item.slot).length;
	let key = [edge.from.id, edge.state, lane.name, layer].join(" ");
	if (!slots.has(key) && count >= SLOTS)
		key = ["any", edge.from.id % 2, lane.name, layer].join(" ");
	if (!slots.has(key)) {
		const slot = { slot: true, lane, layer, height: GAP.slot,
			width: 0, x: 0, y: 0, left: [], right: [] };
		lane.cells[layer].push(slot);
		slots.set(key, slot);
	}
	return slots.get(key);
}

/* The slots that an edge takes, from left to right. */
function route(edge, slots) {
	const from = edge.from.box, to = edge.to.box;
	const lane = to.lane || from.lane;
	let last = from;
	edge.via = [];
	for (let i = edge.from.layer + 1; lane && i < edge.to.layer; i++) {
		const slot = findSlot(slots, edge, lane, i);
		if (!last.right.includes(slot))
			link(last, slot);
		edge.via.push(slot);
		last = slot;
	}
	if (edge.from.layer < edge.to.layer)
		link(last, to);
}

/* ---- order within a cell ---- */

const center = (item) => item.y + item.height / 2;

function sortCells(cells, side) {
	for (const cell of cells) {
		cell.forEach((item) => {
			item.wish = item[side].length
				? mean(item[side].map(center)) : center(item);
		});
		cell.sort((a, b) => a.wish - b.wish);
		stack(cell, 0);
	}
}

function stack(cell, top) {
	for (const item of cell) {
		item.y = top;
		top += item.height + (item.slot ? 3 : gapY);
	}
	return top;
}

/* Sideways passes until each item is near the middle of what it talks to. */
function order(lanes, outside, layers) {
	const columns = [outside[0], ...Array.from({ length: layers - 2 },
		(_, i) => lanes.map((lane) => lane.cells[i + 1])), outside[1]];
	let top = 0;
	for (const lane of lanes) {
		lane.cells.forEach((cell) => stack(cell, top));
		top += 10000;
	}
	outside.forEach(([cell]) => stack(cell, 0));
	for (let i = 0; i < SWEEPS; i++) {
		const right = i % 2 === 0;
		const pass = right ? columns : [...columns].reverse();
		for (const column of pass) {
			const tops = column.map((cell) =>
				cell.lane ? lanes.indexOf(cell.lane) * 10000 : 0);
			sortCells(column, right ? "left" : "right");
			column.forEach((cell, j) => cell.forEach((item) => {
				item.y += tops[j];
			}));
		}
	}
}

/* ---- places ---- */

const spaceBelow = (item) => item.slot ? 3 : gapY;
const heightOf = (items) => sum(items.map((item) => item.height)) +
	sum(items.slice(1).map(spaceBelow));

/*
 * A cell that is too tall becomes a grid.  Lines leave and reach its boxes
 * between the rows; slots run above them.
 */
function fold(cell, most) {
	const boxes = cell.filter((item) => !item.slot);
	boxes.forEach((box) => Object.assign(box, { column: 0, from: null,
		until: null }));
	const slots = cell.filter((item) => item.slot);
	const columns = Math.max(1, Math.ceil(boxes.length / most));
	const rows = Math.ceil(boxes.length / columns);
	const row = Math.max(0, ...boxes.map((box) => box.height)) + gapY;
	const top = heightOf(slots) + (slots.length ? gapY : 0);
	return { items: cell, boxes, slots, columns, rows, row,
		height: columns > 1 ? top + rows * row : heightOf(cell) };
}

function placeGrid(fold, top) {
	top = stack(fold.slots, top) + (fold.slots.length ? gapY : 0);
	fold.boxes.forEach((box, i) => {
		box.column = Math.floor(i / fold.rows);
		box.y = top + (i % fold.rows) * fold.row;
		box.above = box.y - gapY / 2;
		box.below = box.y + fold.row - gapY / 2;
	});
}

function place(fold, top, height) {
	const start = top + (height - fold.height) / 2;
	if (fold.columns > 1)
		placeGrid(fold, start);
	else
		stack(fold.items, start);
}

function placeLanes(lanes, most) {
	let top = 0;
	for (const lane of lanes) {
		lane.folds = lane.cells.map((cell) => fold(cell, most));
		lane.y = top;
		lane.top = top + (lane.name ? GAP.title : GAP.inset / 2);
		lane.inner = Math.max(...lane.folds.map((each) => each.height));
		lane.height = lane.top - top + lane.inner + GAP.inset / 2;
		for (const each of lane.folds)
			place(each, lane.top, lane.inner);
		top += lane.height + GAP.lane;
	}
	return top - GAP.lane;
}

/* As near to their wishes as the order and the room allow. */
function settle(items, top, bottom) {
	let low = top, high = bottom;
	for (const item of items) {
		item.y = Math.max(low, item.wish - item.height / 2);
		low = item.y + item.height + spaceBelow(item);
	}
	for (const item of [...items].reverse()) {
		item.y = Math.min(item.y, high - item.height);
		high = item.y - spaceBelow(item);
	}
}

function pull(fold, top, height) {
	if (fold.columns > 1)
		return;
	for (const item of fold.items) {
		const near = [...item.left, ...item.right];
		item.wish = near.length ? mean(near.map(center)) : center(item);
	}
	settle(fold.items, top, top + Math.max(height, fold.height));
}

function pullAll(lanes, outside, height) {
	for (let i = 0; i < SWEEPS; i++) {
		for (const lane of lanes)
			for (const each of lane.folds)
				pull(each, lane.top, lane.inner);
		for (const each of outside)
			pull(each, Math.min(0, (height - each.height) / 2),
				height);
	}
}

const textStart = (box) => box.ports.length ? BOX.port + 8 : 10;

/* Wide enough for the texts of a layer, but for a few that are long. */
function widthOf(boxes) {
	const needs = boxes.map((box) => Math.min(BOX.most, textStart(box) + 10 +
		Math.max(box.node.title.length * BOX.title,
			(box.node.sub || "").length * BOX.sub)));
	needs.sort((a, b) => a - b);
	return Math.max(84, needs[Math.ceil((needs.length - 1) * 0.95)] || 0);
}

/* A layer is as wide as its widest cell; returns where the next one begins. */
function setColumn(folds, x) {
	const wide = widthOf(folds.flatMap((fold) => fold.boxes));
	const step = wide + GAP.inset;
	const width = Math.max(...folds.map((each) => each.columns)) * step -
		GAP.inset;
	for (const fold of folds) {
		for (const slot of fold.slots)
			Object.assign(slot, { x, width });
		for (const box of fold.boxes) {
			box.x = x + box.column * step;
			box.width = wide;
			if (fold.columns === 1)
				continue;
			box.from = box.column ? x - 8 : null;
			box.until = box.column < fold.columns - 1
				? x + fold.columns * step - GAP.inset : null;
		}
	}
	return folds.some((each) => each.items.length) ? x + width + GAP.x : x;
}

/* ---- lines ---- */

function portPlace(edge) {
	const box = edge.to.box;
	let at = box.ports.indexOf(portName(edge));
	if (at < 0)
		at = box.ports.length - 1;
	const spare = box.height - box.ports.length * BOX.line;
	return box.y + spare / 2 + (at + 0.5) * BOX.line;
}

function curve(x1, y1, x2, y2) {
	const bend = Math.max(x2 - x1 > 40 ? 30 : 8, Math.abs(x2 - x1) / 2);
	return ` C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
}

/* Curves through these points, and straight where two have the same y. */
function join(points) {
	let path = `M${points[0][0]} ${points[0][1]}`;
	for (let i = 1; i < points.length; i++) {
		const [x1, y1] = points[i - 1], [x2, y2] = points[i];
		path += y1 === y2 ? ` H${x2}` : curve(x1, y1, x2, y2);
	}
	return path;
}

/* Backwards or to itself: around, below its own box. */
function drawBack(from, to, x, y, x2, y2) {
	const low = Math.max(from.y + from.height, to.y + to.height) + 7;
	if (from.node.layer !== to.node.layer)
		return `M${x} ${y} C${x + 70} ${y} ${x2 - 70} ${y2} ${x2} ${y2}`;
	return `M${x} ${y} c22 0 22 ${low - y} 0 ${low - y} H${x2 - 6}` +
		` C${x2 - 26} ${low} ${x2 - 26} ${y2} ${x2} ${y2}`;
}

/* The end stays free for the head, which is 8 long. */
function drawEdge(edge) {
	const from = edge.from.box, to = edge.to.box;
	const x = from.x + from.width, y = center(from);
	const x2 = to.x - 8, y2 = portPlace(edge);
	const points = [[x, y]];
	if (x2 < x)
		return drawBack(from, to, x, y, x2, y2);
	if (from.until && !from.moved)
		points.push([x + GAP.inset, from.below],
			[from.until, from.below]);
	for (const slot of edge.via)
		points.push([slot.x, center(slot)],
			[slot.x + slot.width, center(slot)]);
	if (to.from && !to.moved)
		points.push([to.from, to.above], [to.x - GAP.inset, to.above]);
	points.push([x2, y2]);
	return join(points);
}

/* ---- all of it ---- */

/* Places everything for cells of at most @most rows; the size. */
function placeAll(lanes, outside, most) {
	const height = placeLanes(lanes, most);
	const sides = outside.map(([cell]) => fold(cell, Math.max(most,
		Math.floor(height / 36))));
	sides.forEach((side) => place(side, 0, height));
	pullAll(lanes, sides, height);
	const first = setColumn([sides[0]], 0);
	let x = first;
	for (let i = 1; lanes.length && i < lanes[0].cells.length - 1; i++)
		x = setColumn(lanes.map((lane) => lane.folds[i]), x);
	const end = setColumn([sides[1]], x) - GAP.x;
	for (const lane of lanes)
		Object.assign(lane, { x: first - GAP.inset,
			width: x - GAP.x - first + 2 * GAP.inset });
	return { width: end, height: Math.max(height,
		...sides.map((side) => side.height)) };
}

const scaleOf = (size, view) => Math.min(view.width / size.width,
	view.height / size.height, 1.2);

/*
 * Folds cells only where that makes all of it larger on a page with the
 * proportions of @view.  nodes have in and out, edges have from and to.
 * Sets node.box and edge.via; returns the lanes.
 */
function layOut(nodes, edges, view) {
	nodes.forEach((node) => { node.box = makeBox(node); });
	const layers = setLayers(nodes), slots = new Map();
	const lanes = makeLanes(nodes, layers);
	const outside = [0, layers - 1].map((layer) => [nodes.filter((node) =>
		isOutside(node) && node.layer === layer).map((node) => node.box)]);
	edges.forEach((edge) => route(edge, slots));
	for (const lane of lanes)
		lane.cells.forEach((cell) => { cell.lane = lane; });
	order(lanes, outside, layers);
	let best = { scale: 0 };
	gapY = SPREAD[SPREAD.length - 1];
	for (const most of ROWS) {
		const scale = scaleOf(placeAll(lanes, outside, most), view);
		if (scale > best.scale * 1.12)
			best = { scale, most };
	}
	for (gapY of SPREAD)
		if (scaleOf(placeAll(lanes, outside, best.most), view) >=
				best.scale)
			break;
	return lanes.filter((lane) => lane.name);
}
