import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type TrainingHabits, type TrainingPlan, type TrainingStep, type TrainingTask, train } from './loop.ts'
import { runStates } from './run-state.ts'

const never = new AbortController().signal

const plan: TrainingPlan = {
  steps: 30,
  seed: 5n,
  accumulation: 2,
  learningRate: { schedule: 'cosine', rate: 0.1, warmUp: 3 },
  optimiser: { name: 'AdamW' },
  longestGradient: 1,
  average: { decay: 0.9 },
}

function habits(changes: Partial<TrainingHabits> = {}): TrainingHabits {
  const folder = mkdtempSync(join(tmpdir(), 'sfumato-run-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return { folder, identity: 'a line', saveEvery: 10, keep: 2, ...changes }
}

/** Fits y = 3 x - 2 from noisy points; the loss is the mean of squares, and its gradient follows by hand. */
function line(): TrainingTask & { readonly parameters: Map<string, Float32Array> } {
  const parameters = new Map([['w', Float32Array.of(0, 0)]])
  return {
    parameters,
    shapes: new Map([['w', [2]]]),
    async compute(_, random) {
      const [slope, offset] = parameters.get('w') ?? []
      const xs = random.normal([16]).data
      const gradient = new Float32Array(2)
      let loss = 0
      for (const x of xs) {
        const error = slope * x + offset - (3 * x - 2)
        loss += error ** 2 / 16
        gradient[0] += (2 * error * x) / 16
        gradient[1] += (2 * error) / 16
      }
      return { loss, gradients: new Map([['w', gradient]]) }
    },
  }
}

async function finish(run: ReturnType<typeof train>, stopAfter = Number.POSITIVE_INFINITY) {
  const steps: TrainingStep[] = []
  for (;;) {
    const next = await run.next()
    if (next.done) return { steps, result: next.value }
    steps.push(next.value)
    if (steps.length >= stopAfter) return { steps, result: undefined }
  }
}

test('it learns: the loss falls, seconds are told, the result is the moving average', async () => {
  const task = line()
  const long = { ...plan, steps: 300, learningRate: { schedule: 'constant' as const, rate: 0.05 } }
  const { steps, result } = await finish(train({ task, plan: long, habits: habits(), signal: never }))
  expect(steps[0].loss).toBeGreaterThan(5)
  expect(steps[299].loss).toBeLessThan(0.01)
  expect(steps[1].secondsLeft).toBeGreaterThan(0)
  expect(result?.get('w')?.[0]).toBeCloseTo(3, 1)
  expect(result?.get('w')).not.toEqual(task.parameters.get('w'))
})

test.each([
  { name: 'SGD' },
  { name: 'Adam' },
  { name: 'AdamW' },
  { name: 'AdamW8bit' },
  { name: 'Adafactor', options: { isRelative: false, scalesParameter: false } },
] as const)(
  'parameters whose names begin so learn at their share of the rate, as if it were the rate: $name',
  async optimiser => {
    const learn = async (rate: number, rateShares?: Record<string, number>) => {
      const once = { ...plan, optimiser, steps: 3, learningRate: { schedule: 'constant' as const, rate } }
      const given = { ...once, ...(rateShares && { rateShares }) }
      return (await finish(train({ task: line(), plan: given, habits: habits(), signal: never }))).result?.get('w')
    }
    expect(await learn(0.1, { w: 0.25 })).toEqual(await learn(0.025))
    expect(await learn(0.1, { other: 0.25 })).toEqual(await learn(0.1))
  },
)

test('a run that was stopped goes on bit for bit as if it had not been', async () => {
  for (const optimiser of [
    { name: 'AdamW' },
    { name: 'Prodigy' },
    { name: 'SGD', options: { momentum: 0.9 } },
  ] as const) {
    const whole = await finish(train({ task: line(), plan: { ...plan, optimiser }, habits: habits(), signal: never }))
    const kept = habits()
    // As after a kill: steps beyond the last state are lost and taken again.
    await finish(train({ task: line(), plan: { ...plan, optimiser }, habits: kept, signal: never }), 17)
    const { steps, result } = await finish(
      train({ task: line(), plan: { ...plan, optimiser }, habits: kept, signal: never }),
    )
    expect(steps[0].step).toBe(11)
    expect(steps.map(({ loss }) => loss)).toEqual(whole.steps.slice(10).map(({ loss }) => loss))
    expect(result).toEqual(whole.result)
  }
})

test('a cancelled run saves itself first; the last states are kept', async () => {
  const kept = habits()
  const stop = new AbortController()
  const run = train({ task: line(), plan, habits: kept, signal: stop.signal })
  await finish(run, 25)
  stop.abort(new Error('stopped'))
  await expect(run.next()).rejects.toThrow('stopped')
  expect(runStates(kept.folder).map(path => path.slice(-19))).toEqual(['0000025.safetensors', '0000020.safetensors'])
})

test('a damaged state is passed over for the one before', async () => {
  const kept = habits()
  await finish(train({ task: line(), plan, habits: kept, signal: never }), 20)
  truncateSync(runStates(kept.folder)[0], 100)
  writeFileSync(join(kept.folder, '.step-0000030.safetensors.abc.part'), 'half')
  const { steps } = await finish(train({ task: line(), plan, habits: kept, signal: never }))
  expect(steps[0].step).toBe(11)
  expect(readdirSync(kept.folder)).toHaveLength(2)
})

test('states of other settings are refused', async () => {
  const kept = habits()
  await finish(train({ task: line(), plan, habits: kept, signal: never }), 10)
  const other = train({ task: line(), plan: { ...plan, seed: 6n }, habits: kept, signal: never })
  await expect(other.next()).rejects.toMatchObject({ code: 'TRAINING_OTHER_RUN' })
})

test('a loss that is no number stops the run, with the last good state and its place', async () => {
  const kept = habits()
  const task = line()
  const broken: TrainingTask = {
    ...task,
    compute: async (batch, random) => {
      const { loss, gradients } = await task.compute(batch, random)
      return { loss: batch < 24 ? loss : Number.NaN, gradients }
    },
  }
  const run = finish(train({ task: broken, plan, habits: kept, signal: never }))
  await expect(run).rejects.toMatchObject({ code: 'TRAINING_DIVERGED', details: { step: 13, safe: 10 } })
  expect(runStates(kept.folder)).toHaveLength(1)
})

test('a run that is stopped while its pictures are drawn tells the step before them, and goes on after it', async () => {
  const kept = habits({ validateEvery: 12 })
  const stop = new AbortController()
  const task: TrainingTask = {
    ...line(),
    async validate() {
      stop.abort(new Error('stopped'))
      stop.signal.throwIfAborted()
      return []
    },
  }
  const run = train({ task, plan, habits: kept, signal: stop.signal })
  const told: number[] = []
  const all = async () => {
    for await (const { step } of run) told.push(step)
  }
  await expect(all()).rejects.toThrow('stopped')
  expect(told.at(-1)).toBe(12)
  const { steps } = await finish(train({ task: line(), plan, habits: kept, signal: never }))
  expect(steps[0].step).toBe(13)
})

/** The line with losses that are told to it, by step; zeros would lose 1. */
function losing(lossOf: (step: number) => number): TrainingTask {
  const task = line()
  return {
    ...task,
    compute: async (batch, random) => {
      const { gradients } = await task.compute(batch, random)
      return { loss: lossOf(Math.floor(batch / plan.accumulation) + 1), gradients, silence: 1 }
    },
  }
}

test('a huge loss that stays a number stops the run; states of what is spoilt are gone, and it goes on slower', async () => {
  const kept = habits({ saveEvery: 4, keep: 3 })
  // The loss of step 21 tells that what step 20 corrected is spoilt.
  const task = losing(step => (step < 21 ? 0.5 : 30 * 10 ** (step - 21)))
  await expect(finish(train({ task, plan, habits: kept, signal: never }))).rejects.toMatchObject({
    ...{ code: 'TRAINING_DIVERGED', details: { step: 21, safe: 16 } },
    message: 'The loss became invalid at step 21. Step 16 is safe.',
    hint: 'Continue from 16 at half the rate.',
  })
  expect(runStates(kept.folder).map(path => path.slice(-19))).toEqual(['0000016.safetensors', '0000012.safetensors'])
  const slower = { ...kept, slower: [{ step: 16, factor: 0.5 }] }
  const whole = await finish(train({ task: line(), plan, habits: habits(), signal: never }))
  const { steps } = await finish(train({ task: line(), plan, habits: slower, signal: never }))
  expect(steps[0].step).toBe(17)
  for (const { step, learningRate } of steps) expect(learningRate).toBe(whole.steps[step - 1].learningRate / 2)
})

test('a run that comes apart before its first state says so', async () => {
  const task = losing(step => (step < 3 ? 1 : 1e9))
  await expect(finish(train({ task, plan, habits: habits(), signal: never }))).rejects.toMatchObject({
    message: 'The loss became invalid at step 3. Nothing had been saved before.',
    hint: 'Start again at half the rate.',
  })
})

test('what losses told is kept over a pause, and nothing suspicious takes the place of a good state', async () => {
  const kept = habits({ saveEvery: 4, keep: 2 })
  // Three times as bad as zeros for eight steps is no end yet.
  const task = () => losing(step => (step <= 8 ? 0.5 : step <= 15 ? 3 : 2e4))
  await finish(train({ task: task(), plan, habits: kept, signal: never }), 14)
  const places = () => runStates(kept.folder).map(path => Number(/\d+(?=\.)/.exec(path.slice(-19))?.[0]))
  expect(places()).toEqual([8, 4])
  const run = train({ task: task(), plan, habits: kept, signal: never })
  await finish(run, 6)
  await run.return(new Map())
  expect(places()).toEqual([14, 8, 4])
  await expect(finish(train({ task: task(), plan, habits: kept, signal: never }))).rejects.toMatchObject({
    details: { step: 9, safe: 4 },
  })
})

test('pictures come at their interval and at the end', async () => {
  const image = { width: 1, height: 1, data: new Uint8Array(3) }
  const task = { ...line(), validate: async () => [image] }
  const { steps } = await finish(train({ task, plan, habits: habits({ validateEvery: 12 }), signal: never }))
  expect(steps.filter(({ pictures }) => pictures).map(({ step }) => step)).toEqual([12, 24, 30])
})

test('stages learn at rates of their own, with an optimiser that begins anew, wherever the run was stopped', async () => {
  const staged: TrainingPlan = {
    ...{ steps: 9, seed: 5n, accumulation: 1, optimiser: { name: 'Adam' } },
    learningRate: { schedule: 'linear', rate: 1 },
    stages: [
      { steps: 4, rate: 0.1 },
      { steps: 5, rate: 0.01 },
    ],
  }
  const whole = await finish(train({ task: line(), plan: staged, habits: habits(), signal: never }))
  expect(whole.steps.map(({ learningRate }) => learningRate)).toEqual(
    [0.1, 0.075, 0.05, 0.025, 0.01, 0.008, 0.006, 0.004, 0.002].map(rate => expect.closeTo(rate, 12)),
  )
  // The first step of Adam is as long as the rate, whatever was before.
  const task = line()
  const run = train({ task, plan: staged, habits: habits(), signal: never })
  await finish(run, 4)
  const before = Array.from(task.parameters.get('w') ?? [])
  await run.next()
  const after = Array.from(task.parameters.get('w') ?? [])
  expect(after.map((value, k) => Math.abs(value - before[k]))).toEqual([0, 1].map(() => expect.closeTo(0.01, 5)))
  for (const stop of [3, 4, 6]) {
    const place = habits()
    const begun = train({ task: line(), plan: staged, habits: place, signal: never })
    await finish(begun, stop)
    await begun.return(new Map())
    const { result } = await finish(train({ task: line(), plan: staged, habits: place, signal: never }))
    expect(result).toEqual(whole.result)
  }
})
