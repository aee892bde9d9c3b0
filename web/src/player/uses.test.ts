import { expect, it, vi } from 'vitest';
import { Uses } from './uses';

const [maker, one, other] = [{}, {}, {}];

it('gives back once, when the last has let go', () => {
  const giveBack = vi.fn();
  const uses = new Uses(maker, giveBack);
  uses.begin(one);
  uses.begin(other);
  uses.end(maker);
  uses.end(one);
  expect(giveBack).not.toHaveBeenCalled();
  uses.end(other);
  expect(giveBack).toHaveBeenCalledOnce();
  uses.begin(one);
  uses.end(one);
  expect(giveBack).toHaveBeenCalledOnce();
});

it('counts nobody twice and nobody who was not there', () => {
  const giveBack = vi.fn();
  const uses = new Uses(maker, giveBack);
  uses.begin(one);
  uses.begin(one);
  uses.end(other);
  uses.end(one);
  expect(giveBack).not.toHaveBeenCalled();
  uses.end(maker);
  expect(giveBack).toHaveBeenCalledOnce();
});
