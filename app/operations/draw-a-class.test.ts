import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { targets } from '../graph/targets.ts'
import { modelOfGoldens } from '../models/testing.ts'
import { ClassModel } from '../runtime/class-model.ts'
import { Runtime } from '../runtime/runtime.ts'
import { openSafetensors, readTensor } from '../weights/safetensors.ts'
import { drawAClass } from './draw-a-class.ts'
import { noGuides } from './guide-parameters.ts'
import { noPictures, type Progress } from './operation.ts'

const runtime = new Runtime({ target: targets.cpu, threads: 1, memoryBudget: 2 ** 30 })
afterAll(() => runtime.release())
const golden = openSafetensors(
  join(import.meta.dirname, '../../test/parity/goldens/cases/07_pipelines/dit/tensors.safetensors'),
)
const latentDiffusion = { beta_start: 0.00085, beta_end: 0.012, beta_schedule: 'scaled_linear', steps_offset: 1 }

type Choices = Partial<Parameters<typeof drawAClass.run>[1]>

async function draw(sampler: string, config: Record<string, unknown>, changes: Choices) {
  const path = modelOfGoldens({ transformer: 'dit', vae: 'sd1/vae' }, [sampler, config])
  const classes = new ClassModel(path, runtime)
  const usual = { ...noGuides, classLabel: 3, seed: 1022n, steps: 8, guidance: 4, sampler, karras: false, count: 1 }
  const surroundings = { pictures: noPictures, signal: new AbortController().signal, wantsPreviews: true }
  const run = drawAClass.run({ classes, ...surroundings }, { ...usual, ...changes })
  const progress: Progress[] = []
  for (;;) {
    const next = await run.next()
    if (next.done) return { pictures: next.value, progress }
    progress.push(next.value)
  }
}

/** The first picture of the reference's batch of two is the one that its seed draws alone. */
test.each([
  ['DDIM_g4.0', 'DDIMScheduler', { clip_sample: false, set_alpha_to_one: false }, { guidance: 4 }],
  ['DDIM_g1.0', 'DDIMScheduler', { clip_sample: false, set_alpha_to_one: false }, { guidance: 1 }],
  ['DPM++2M_Karras_g4.0', 'DPMSolverMultistepScheduler', {}, { guidance: 4, karras: true }],
] as const)('%s draws the picture of the reference', async (variant, sampler, config, changes) => {
  const { pictures, progress } = await draw(sampler, { ...latentDiffusion, ...config }, changes)
  const [{ image }] = pictures
  const values = readTensor(golden, `${variant}/out/image`)
  expect(values.length).toBe(2 * image.data.length)
  const differences = image.data.map((level, k) => Math.abs(level - Math.round(values[k] * 255)))
  expect(Math.max(...differences)).toBeLessThanOrEqual(1)
  expect(progress.at(-1)?.previews?.map(({ width, height }) => [width, height])).toEqual([[8, 8]])
})

test('another class is another picture; a class that the model does not have is refused with the range', async () => {
  const drawn = async (changes: Choices) => (await draw('DDIMScheduler', latentDiffusion, changes)).pictures[0].image
  expect(await drawn({ classLabel: 207 })).not.toEqual(await drawn({ classLabel: 3 }))
  await expect(drawn({ classLabel: 1000 })).rejects.toMatchObject({
    code: 'CLASS_UNKNOWN',
    hint: 'Its classes are numbered from 0 to 999.',
  })
})
