import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type HistoryEntry, HistoryWriter, historyFile, readEntries, readHistory, standing } from './run-history.ts'

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'sfumato-history-'))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  return join(made, 'run')
}

const loss = (step: number): HistoryEntry => ({ kind: 'loss', step, loss: step / 7 })

test('what was added is read again; a line that a kill cut is passed over, and the next writer takes it away', () => {
  const run = folder()
  new HistoryWriter(run).add(loss(1), loss(2))
  const whole = readFileSync(historyFile(run))
  for (const cut of ['{', '{"kind":"loss","step":3,"lo', '\u{1F4A5}'.slice(0, 1)]) {
    appendFileSync(historyFile(run), cut)
    expect(readHistory(run)).toEqual([loss(1), loss(2)])
    const writer = new HistoryWriter(run)
    expect(readFileSync(historyFile(run))).toEqual(whole)
    writer.add(loss(3))
    expect(readHistory(run)).toEqual([loss(1), loss(2), loss(3)])
    rmSync(historyFile(run))
    new HistoryWriter(run).add(loss(1), loss(2))
  }
})

test('whatever no entry is does not keep the others from being read', () => {
  const run = folder()
  new HistoryWriter(run).add(loss(1))
  appendFileSync(historyFile(run), 'null\n{"kind":"of another version"}\nno JSON\n\n')
  new HistoryWriter(run).add(loss(2))
  expect(readHistory(run)).toEqual([loss(1), loss(2)])
  expect(readHistory(join(run, 'none'))).toEqual([])
})

test('a history is read on from where it was read to, however it is cut', () => {
  const run = folder()
  new HistoryWriter(run).add(loss(1), loss(2), loss(3))
  const bytes = readFileSync(historyFile(run))
  for (let cut = 0; cut <= bytes.length; cut++) {
    const first = readEntries(bytes.subarray(0, cut))
    const second = readEntries(bytes.subarray(first.read))
    expect([...first.entries, ...second.entries]).toEqual([loss(1), loss(2), loss(3)])
    expect(first.read + second.read).toBe(bytes.length)
  }
})

const began = (step: number): HistoryEntry => ({
  ...{ kind: 'began', step, at: step, job: 'one', operation: 'train-lora', name: 'bolt', steps: 40, prompts: [] },
})

/** Everything that a step can tell. */
const told = (step: number): HistoryEntry[] => [
  loss(step),
  { kind: 'saved', step, at: step },
  { kind: 'pictures', step, pictures: [`${step}`] },
  { kind: 'held back', step, loss: step },
  { kind: 'distance', step, fid: step, kid: step, network: 'CLIP', pictures: [1, 1] },
  { kind: 'kept', step },
]

test('after a run came apart nothing stands of its spoilt steps, neither before it goes on nor afterwards', () => {
  const diverged: HistoryEntry = { kind: 'diverged', step: 3, safe: 1 }
  const apart = [began(0), ...[1, 2, 3, 4].flatMap(told), diverged]
  const saved = (entry: HistoryEntry) => entry.kind === 'saved'
  const left = [began(0), ...told(1), ...told(2).filter(entry => !saved(entry)), diverged]
  expect(standing(apart)).toEqual(left)
  const slower: HistoryEntry = { kind: 'slower', step: 1, factor: 0.5 }
  const goesOn = [...apart, slower, began(1), ...told(2), ...told(3)]
  expect(standing(goesOn)).toEqual([began(0), ...told(1), diverged, slower, began(1), ...told(2), ...told(3)])
})

test('what was learned after the state that a run went on from stands once', () => {
  const again = [began(0), ...[1, 2, 3].flatMap(told), began(2), loss(3)]
  expect(standing(again)).toEqual([began(0), ...told(1), ...told(2), began(2), loss(3)])
  const fresh = [began(0), ...told(1), { kind: 'diverged', step: 1, safe: 0 } as const, began(0)]
  expect(standing(fresh).map(({ kind }) => kind)).toEqual(['began', 'diverged', 'began'])
})
