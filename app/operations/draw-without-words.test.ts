import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { targets } from '../graph/targets.ts'
import { modelOfGoldens } from '../models/testing.ts'
import { Problem } from '../problem.ts'
import { PixelModel } from '../runtime/pixel-model.ts'
import { Runtime } from '../runtime/runtime.ts'
import { openSafetensors, readTensor } from '../weights/safetensors.ts'
import { drawWithoutWords } from './draw-without-words.ts'
import { noClassifier, noGuides } from './guide-parameters.ts'
import { noPictures, type OperationPicture, type Progress } from './operation.ts'

const runtime = new Runtime({ target: targets.cpu, threads: 1, memoryBudget: 2 ** 30 })
afterAll(() => runtime.release())
const golden = openSafetensors(
  join(import.meta.dirname, '../../test/parity/goldens/cases/07_pipelines/unconditional/tensors.safetensors'),
)

type Choices = Partial<Parameters<typeof drawWithoutWords.run>[1]>

async function draw(path: string, changes: Choices = {}) {
  const unconditional = new PixelModel(path, runtime)
  const { sampler } = unconditional.description.defaults
  const parameters = { ...noGuides, ...noClassifier, seed: 1021n, steps: 8, sampler, eta: 0, count: 1, ...changes }
  const surroundings = { pictures: noPictures, signal: new AbortController().signal, wantsPreviews: true }
  const run = drawWithoutWords.run({ unconditional, ...surroundings }, parameters)
  const progress: Progress[] = []
  for (;;) {
    const next = await run.next()
    if (next.done) return { pictures: next.value, progress }
    progress.push(next.value)
  }
}

/** The largest difference to a golden picture [1, height, width, 3] in [0, 1], in grey levels. */
function difference({ image }: OperationPicture, variant: string): number {
  const values = readTensor(golden, `${variant}/out/image`)
  expect(image.data.length).toBe(values.length)
  return Math.max(...image.data.map((level, k) => Math.abs(level - Math.round(values[k] * 255))))
}

test.each([
  [
    'ddpm_fixed_large_cosine',
    'unet2d_ddpm',
    'DDPMScheduler',
    { beta_schedule: 'squaredcos_cap_v2', variance_type: 'fixed_large' },
  ],
  ['pndm', 'unet2d_ddpm', 'PNDMScheduler', {}],
  ['karras_ve', 'unet2d_ddpm', 'KarrasVeScheduler', { sigma_max: 20 }],
  ['score_sde_ve', 'unet2d_ncsnpp', 'ScoreSdeVeScheduler', { sigma_max: 20 }],
] as const)('%s draws the picture of the reference', async (variant, unet, className, config) => {
  const { pictures, progress } = await draw(modelOfGoldens({ unet }, [className, config]))
  expect(difference(pictures[0], variant)).toBeLessThanOrEqual(1)
  const last = progress.at(-1)
  expect(last?.step).toBe(last?.total)
  expect(last?.previews?.map(({ width, height }) => [width, height])).toEqual([[8, 8]])
})

test('each picture of several is the same when it is drawn again alone, also where steps look at the whole batch', async () => {
  const path = modelOfGoldens({ unet: 'unet2d_ncsnpp' }, ['ScoreSdeVeScheduler', { sigma_max: 20 }])
  const [, second] = (await draw(path, { count: 2, steps: 3 })).pictures
  const [alone] = (await draw(path, { seed: 1022n, steps: 3 })).pictures
  expect(second.seed).toBe(1022n)
  expect(second.image).toEqual(alone.image)
})

test('eta adds noise with DDIM, and is no other number of another sampler', async () => {
  const path = modelOfGoldens({ unet: 'unet2d_ddpm' }, ['DDIMScheduler'])
  const drawn = async (changes: Choices) => (await draw(path, changes)).pictures[0].image.data
  expect(await drawn({ eta: 1 })).not.toEqual(await drawn({ eta: 0 }))
  const tcd = { sampler: 'TCDScheduler' }
  expect(await drawn({ eta: 1, ...tcd })).toEqual(await drawn({ eta: 0, ...tcd }))
})

test('a sampler that asks for something else than the network predicts is refused', async () => {
  const score = modelOfGoldens({ unet: 'unet2d_ncsnpp' }, ['ScoreSdeVeScheduler'])
  const refused = await draw(score, { sampler: 'DDIMScheduler' }).catch(error => error)
  expect(refused).toBeInstanceOf(Problem)
  expect(refused).toMatchObject({ code: 'SAMPLER_MODEL', details: { field: 'sampler' } })
  const noise = modelOfGoldens({ unet: 'unet2d_ddpm' }, ['DDPMScheduler'])
  await expect(draw(noise, { sampler: 'KarrasVeScheduler' })).rejects.toMatchObject({ code: 'SAMPLER_MODEL' })
})
