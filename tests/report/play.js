// Uses a landscape's player as a reader does: the slider, play, pause, on, to the end.

// Frames of the browser's virtual time, also where the page is out of sight.
requestAnimationFrame = frame => setTimeout(() => frame(performance.now()), 16);

async function play(svg, check) {
  const button = document.querySelector('#play'), slider = document.querySelector('#at');
  const said = document.querySelector('#said'), last = Number(slider.max);
  const lines = [...svg.querySelectorAll('.line:not(.none)[data-name]')];
  const drawn = () => lines.map(line => line.getAttribute('d').match(/[ML]/g).length);
  const dots = () => [...svg.querySelectorAll('.here')].map(dot => dot.getAttribute('cx'));
  const at = () => Number(slider.value);
  const until = async done => {
    for (let i = 0; i < 600 && !done(); ++i) await new Promise(then => setTimeout(then, 20));
  };

  const whole = drawn(), ends = dots();
  check(at() === last, 'not all is drawn at first');
  check(ends.length === lines.length, `${ends.length} dots on ${lines.length} paths`);
  for (const updates of [0, 3]) {
    slider.value = updates;
    slider.dispatchEvent(new Event('input'));
    check(drawn().every(n => n === updates + 1), `${drawn()} points after ${updates} updates`);
    check(dots().every((x, i) => x !== ends[i]), `the dots are at the end after ${updates} updates`);
    check(said.textContent === `after ${updates} updates`, `'${said.textContent}' is said`);
  }

  button.click();
  check(button.textContent === 'Pause', 'no pause while it plays');
  await until(() => at() > 0.1 * last);
  button.click();
  const paused = at(), some = drawn();
  check(paused > 0.1 * last && paused < last, `${paused} of ${last} where it was to pause`);
  check(some.every((n, i) => n > 4 && n < whole[i]), `${some} of ${whole} points at the pause`);
  await new Promise(then => setTimeout(then, 200));
  check(at() === paused && button.textContent === 'Play', 'it does not pause');

  button.click();
  await until(() => at() !== paused);
  check(at() > paused && at() < paused + 0.3 * last, `from ${paused} it goes on at ${at()}`);
  await until(() => button.textContent === 'Play');
  check(at() === last && `${drawn()}` === `${whole}`, 'it does not play to the end');
  check(`${dots()}` === `${ends}`, 'the dots do not come back to the end');
}
