import { isDeepStrictEqual } from 'node:util'
import type { Variant } from './goldens.ts'
import type { Output, Replay } from './replayers/replayer.ts'

/** Everything that differs between a replay and the reference, the largest difference first; empty: it passed. */
export function differences(variant: Variant, replay: Replay): string[] {
  const found = variant.outputs.names.map(name => compareOutput(variant, replay, name))
  const tensors = found.filter(difference => difference !== undefined).sort((a, b) => b.excess - a.excess)
  const values = Object.entries(variant.expected)
    .filter(([name, value]) => !isDeepStrictEqual(replay.expected?.[name], value))
    .map(([name, value]) => describeValues(name, replay.expected?.[name], value))
  return [...tensors.map(({ text }) => text), ...values]
}

interface Difference {
  /** How many times the tolerance. */
  readonly excess: number
  readonly text: string
}

function compareOutput(variant: Variant, replay: Replay, name: string): Difference | undefined {
  if (!Object.hasOwn(replay.outputs, name)) return { excess: Infinity, text: `${name} was not computed` }
  const ours = replay.outputs[name]
  const shape = variant.outputs.shape(name)
  if (`${ours.shape}` !== `${shape}` || ours.data.length !== shape.reduce((product, size) => product * size, 1)) {
    return { excess: Infinity, text: `${name} has shape [${ours.shape}] instead of [${shape}]` }
  }
  const isWhole = variant.outputs.isWhole(name)
  const theirs = isWhole ? variant.outputs.integers(name) : variant.outputs.tensor(name).data
  const tolerance = isWhole || replay.exact?.includes(name) ? 0 : variant.tolerance
  const { error, at } = largestError(ours, theirs, replay.isRelative ?? false, variant.nonFiniteOutputs.includes(name))
  if (error <= tolerance) return undefined
  return {
    excess: error / tolerance,
    text:
      `${name} differs by ${error.toPrecision(3)} (allowed ${tolerance}) at [${indexOf(at, shape)}]: ` +
      `${ours.data[at]} instead of ${theirs[at]}`,
  }
}

/** The largest error and where it is. What is no number differs by infinity from every number. */
function largestError(ours: Output, theirs: ArrayLike<number>, isRelative: boolean, finiteOnly: boolean) {
  let [error, at] = [0, 0]
  for (let i = 0; i < theirs.length; i++) {
    if (finiteOnly && !Number.isFinite(theirs[i])) continue
    const scale = isRelative ? Math.max(1, Math.abs(theirs[i])) : 1
    const difference = Object.is(ours.data[i], theirs[i]) ? 0 : Math.abs(ours.data[i] - theirs[i]) / scale
    const here = Number.isNaN(difference) ? Infinity : difference
    if (here > error) [error, at] = [here, i]
  }
  return { error, at }
}

function indexOf(flat: number, shape: readonly number[]): number[] {
  const index: number[] = []
  for (const size of [...shape].reverse()) {
    index.unshift(flat % size)
    flat = Math.floor(flat / size)
  }
  return index
}

function describeValues(name: string, ours: unknown, theirs: unknown): string {
  if (ours === undefined) return `${name} was not computed`
  if (Array.isArray(ours) && Array.isArray(theirs)) {
    const at = theirs.findIndex((value, i) => !isDeepStrictEqual(ours[i], value))
    if (at >= 0) return `${name}[${at}] is ${shorten(ours[at])} instead of ${shorten(theirs[at])}`
  }
  return `${name} is ${shorten(ours)} instead of ${shorten(theirs)}`
}

const shorten = (value: unknown): string => (JSON.stringify(value) ?? 'absent').slice(0, 160)
