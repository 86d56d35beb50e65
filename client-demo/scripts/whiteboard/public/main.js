'use strict';
/* The page of the whiteboard: places are parts of the width and the height, from 0 to 1. */
(() => {
    const socket = io();
    const board = document.getElementById('board');
    const pen = board.getContext('2d');
    let color = 'black';
    let from = null; // where the pointer was, while it is down

    board.width = innerWidth;
    board.height = innerHeight;
    pen.lineWidth = 2;

    function draw({ x0, y0, x1, y1, color: strokeColor }) {
        pen.strokeStyle = strokeColor;
        pen.beginPath();
        pen.moveTo(x0 * board.width, y0 * board.height);
        pen.lineTo(x1 * board.width, y1 * board.height);
        pen.stroke();
    }

    const placeOf = ({ clientX, clientY }) =>
        ({ x: clientX / innerWidth, y: clientY / innerHeight });

    function move(event) {
        if (!from)
            return;
        const to = placeOf(event);
        const stroke = { x0: from.x, y0: from.y, x1: to.x, y1: to.y, color };
        draw(stroke);
        socket.emit('drawing', stroke);
        from = to;
    }

    board.addEventListener('pointerdown', (event) => { from = placeOf(event); });
    board.addEventListener('pointermove', move);
    addEventListener('pointerup', (event) => { move(event); from = null; });

    for (const name of ['black', 'red', 'green', 'blue', 'orange']) {
        const button = document.createElement('button');
        button.style.background = name;
        button.title = name;
        button.onclick = () => { color = name; };
        document.getElementById('colors').append(button);
    }

    socket.on('drawing', draw);
    socket.on('strokes', (strokes) => strokes.forEach(draw));
})();
