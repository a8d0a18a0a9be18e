import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { addedPrompts, keptResult, promptsFile, sightFile } from '../app/operations/run-journal.ts'
import { type HistoryEntry, HistoryWriter } from '../app/training/run-history.ts'
import { TrainingRuns } from './training-runs.ts'

const began = (step: number, job: string): Extract<HistoryEntry, { kind: 'began' }> => ({
  ...{ kind: 'began', step, at: 5, job, operation: 'train-lora', name: 'bolt', steps: 40, prompts: ['a bolt'] },
  result: join('models', 'loras', 'bolt.safetensors'),
})
const loss = (step: number): HistoryEntry => ({ kind: 'loss', step, loss: step })

function home(): { home: string; run: string } {
  const made = mkdtempSync(join(tmpdir(), 'sfumato-runs-'))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  return { home: made, run: join(made, 'training', 'abc') }
}

test('what was learned after the state that a run went on from counts once, with a mark where it went on', () => {
  const { home: place, run } = home()
  const runs = new TrainingRuns(place)
  expect(runs.list()).toEqual([])
  const writer = new HistoryWriter(run)
  writer.add(began(0, 'one'), loss(1), loss(2), { kind: 'kept', step: 2 }, { kind: 'saved', step: 2, at: 7 }, loss(3))
  expect(runs.get('abc')).toMatchObject({ done: 3, jobs: ['one'], resumed: [] })
  writer.add(began(2, 'two'), { kind: 'loss', step: 3, loss: 30 }, { kind: 'held back', step: 3, loss: 0.5 })
  const distance = { step: 3, fid: 9, kid: 0.2, network: 'CLIP' }
  writer.add({ kind: 'distance', ...distance, pictures: [4, 5] })
  expect(runs.get('abc')).toEqual({
    ...{ id: 'abc', operation: 'train-lora', name: 'bolt', steps: 40, done: 3, beganAt: 5, jobs: ['one', 'two'] },
    losses: [
      [1, 1],
      [2, 2],
      [3, 30],
    ],
    ...{
      heldBack: [[3, 0.5]],
      distances: [{ ...distance, pictures: 4 }],
      prompts: ['a bolt'],
      looks: [],
      keepsSteps: true,
      kept: [2],
      resumed: [2],
      saved: { step: 2, at: 7 },
    },
  })
  expect(new TrainingRuns(place).get('abc')).toEqual(runs.get('abc'))
  expect(() => runs.get('../abc')).toThrow('not on this computer')
})

test('a run is watched by prompts that come later as well, each once, and not by too many', () => {
  const { home: place, run } = home()
  new HistoryWriter(run).add(began(0, 'one'))
  const runs = new TrainingRuns(place)
  expect(runs.addPrompt('abc', 'a bolt in the sea').prompts).toEqual(['a bolt', 'a bolt in the sea'])
  expect(addedPrompts(run)).toEqual(['a bolt in the sea'])
  expect(() => runs.addPrompt('abc', 'a bolt')).toThrow('already')
  expect(() => runs.addPrompt('abd', 'x')).toThrow('not on this computer')
  for (let k = 2; k < 12; k++) runs.addPrompt('abc', `prompt ${k}`)
  expect(() => runs.addPrompt('abc', 'one more')).toThrow('at most 12')
  expect(new TrainingRuns(place).get('abc').prompts).toHaveLength(12)
  writeFileSync(promptsFile(run), '[1')
  expect(runs.get('abc').prompts).toEqual(['a bolt'])
})

test('a run that came apart is slowed down once, from its last good state; what it had learned by then is not offered', () => {
  const { home: place, run } = home()
  const writer = new HistoryWriter(run)
  const runs = new TrainingRuns(place)
  const saved = (step: number): HistoryEntry => ({ kind: 'saved', step, at: step })
  writer.add(began(0, 'one'), loss(1), saved(1), { kind: 'kept', step: 1 }, loss(2), saved(2), {
    kind: 'kept',
    step: 2,
  })
  expect(() => runs.slowDown('abc')).toThrow('has not come apart')
  writer.add(loss(3), { kind: 'diverged', step: 2, safe: 1 })
  const told = runs.get('abc')
  expect(told).toMatchObject({ saved: { step: 1, at: 1 }, kept: [1], diverged: { step: 2, safe: 1 } })
  expect([runs.slowDown('abc'), runs.slowDown('abc')]).toEqual(['one', 'one'])
  expect(readFileSync(join(run, 'history.jsonl'), 'utf8').match(/.*slower.*/g)).toEqual([
    '{"kind":"slower","step":1,"factor":0.5}',
  ])
  writer.add(began(1, 'two'), loss(2))
  expect(runs.get('abc')).not.toHaveProperty('diverged')
  expect(runs.get('abc')).toMatchObject({ done: 2, resumed: [1] })
  expect(() => runs.slowDown('abc')).toThrow('has not come apart')
})

test('a step of a whole model is put beside the result as a folder, and again where that is asked for again', () => {
  const { home: place, run } = home()
  const target = join('models', 'birds 1.5')
  new HistoryWriter(run).add({ ...began(0, 'one'), result: target }, loss(1), { kind: 'kept', step: 1 })
  const kept = keptResult(run, 1, target)
  mkdirSync(join(kept, 'unet'), { recursive: true })
  writeFileSync(join(kept, 'unet', 'config.json'), '{}')
  const runs = new TrainingRuns(place)
  for (let k = 0; k < 2; k++) {
    const path = runs.result('abc', 1)
    expect(path).toBe(join(place, 'models', 'birds 1.5 step 1'))
    expect(readFileSync(join(path, 'unet', 'config.json'), 'utf8')).toBe('{}')
  }
})

test('of a long run means are told: as many points as a plot has pixels, with the same mean', () => {
  const { home: place, run } = home()
  const losses = Array.from({ length: 6000 }, (_, k) => loss(k + 1))
  new HistoryWriter(run).add(began(0, 'one'), ...losses)
  const told = new TrainingRuns(place).get('abc').losses
  expect(told).toHaveLength(2000)
  expect(told.at(0)).toEqual([3, 2])
  expect(told.at(-1)).toEqual([6000, 5999])
})

test('a step that was kept is put beside the result; another is refused, and so is a picture that is none', () => {
  const { home: place, run } = home()
  new HistoryWriter(run).add(began(0, 'one'), loss(1), { kind: 'kept', step: 1 })
  const kept = keptResult(run, 1, 'bolt.safetensors')
  mkdirSync(dirname(kept), { recursive: true })
  writeFileSync(kept, 'what was learned')
  const runs = new TrainingRuns(place)
  const path = runs.result('abc', 1)
  expect(path).toBe(join(place, 'models', 'loras', 'bolt step 1.safetensors'))
  expect(readFileSync(path, 'utf8')).toBe('what was learned')
  expect(() => runs.result('abc', 2)).toThrow('step 2 was not kept')
  const hash = 'ab'.repeat(32)
  expect(runs.picture(hash)).toBeUndefined()
  mkdirSync(join(run, 'pictures'))
  writeFileSync(sightFile(run, hash), '')
  expect(runs.picture(hash)).toEqual({ path: sightFile(run, hash), type: 'image/png' })
  expect(runs.picture('../history.jsonl')).toBeUndefined()
})
