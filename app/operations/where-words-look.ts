import { z } from 'zod'
import { attentivePredictor } from '../diffusion/attention.ts'
import { guidedNetwork } from '../diffusion/guided-network.ts'
import { INVERTIBLE_SAMPLER } from '../diffusion/inversion.ts'
import { latentSchedule } from '../diffusion/latent-schedule.ts'
import { WordMaps } from '../diffusion/word-maps.ts'
import { parsePrompt } from '../models/prompt/parse.ts'
import { schedulePrompts } from '../models/prompt/schedule.ts'
import type { GuidanceConditioning } from '../runtime/conditioning.ts'
import { noisedFor } from '../schedulers/add-noise.ts'
import { fitImage, fromGray } from '../tensor/fit.ts'
import { TorchGenerator } from '../tensor/random.ts'
import { resample } from '../tensor/resample.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { saidBefore } from './edit-parameters.ts'
import { latentsOfPicture } from './inverted.ts'
import type { Complete, Operation, OperationContext, Progress } from './operation.ts'
import { about } from './parameter-meta.ts'
import { picture, wordParameters } from './parameters.ts'
import { Stopwatch } from './stopwatch.ts'
import { wordsChosen } from './word-lists.ts'

const { width, height, seed, longPrompts, clipSkip, loras, embeddings, vae, textEncoders } = wordParameters

const words = z
  .string()
  .max(1000)
  .default('')
  .meta(
    about({
      title: 'Words',
      description: 'Which words of the prompt; empty: each of them.',
      group: 'words',
      widget: 'text',
    }),
  )

/** How often the network is asked, with more and more noise on the picture. */
const looks = z
  .int()
  .min(1)
  .max(20)
  .default(4)
  .meta(
    about({
      title: 'Looks',
      description: 'With how many amounts of noise the picture is looked at; more are slower and surer.',
      group: 'sampling',
      widget: 'slider',
    }),
  )

const parameters = z.object({
  ...{ prompt: saidBefore, words, image: picture, looks, seed, width, height },
  ...{ longPrompts, clipSkip, loras, embeddings, vae, textEncoders },
})
type Choices = Complete<z.output<typeof parameters>>

/** Where the words of a prompt look in any picture: its latents with noise are shown to the network, and its attention is kept (Tang et al. 2022,
 *  "DAAM", arXiv:2210.04885, section 3, for a picture that is there already). A gray picture for each word, in their order: white where it
 *  looks most. */
export const whereWordsLook: Operation<typeof parameters, 'checkpoint', 'checkpoint' | 'pictures'> = {
  id: 'where-words-look',
  version: 1,
  title: 'Where words look',
  description: 'Shows for each word of a prompt which places of a picture it is about.',
  needs: { model: 'checkpoint' },
  answers: true,
  parameters,
  // Maps are small; a large picture is looked at as large as the model knows pictures.
  sizeOf(picture, { defaults, sizeMultiple }) {
    const share = Math.min(1, Math.sqrt((defaults.width * defaults.height) / (picture.width * picture.height)))
    const side = (pixels: number) => Math.max(1, Math.round((pixels * share) / sizeMultiple)) * sizeMultiple
    return { width: side(picture.width), height: side(picture.height) }
  },
  async *run({ checkpoint, pictures, signal }, chosen) {
    const [sections] = schedulePrompts([parsePrompt(chosen.prompt)], 1).states[0]
    const placed = wordsChosen(chosen.words, checkpoint.wordPlaces(sections, chosen.longPrompts), 'words')
    const total = chosen.looks
    yield { phase: `Reading the prompt with ${checkpoint.description.name}`, step: 0, total }
    const [said] = await checkpoint.condition(
      [{ prompt: { sections }, unguided: true, skip: chosen.clipSkip, size: chosen }],
      chosen.longPrompts,
    )
    const image = await pictures.read(chosen.image, '#ffffff')
    signal.throwIfAborted()
    const latents = await latentsOfPicture(checkpoint, fitImage(image, chosen, 'stretch'))
    const maps = yield* mapsOf({ checkpoint, signal }, chosen, latents, said)
    const [, , rows, columns] = latents.shape
    return placed.map(({ places }) => {
      const { data } = maps.of(0, places, [1, 1, rows, columns])
      const small = fromGray(
        { width: columns, height: rows },
        data.map(value => value * 255),
      )
      return { image: resample(small, image, 'bilinear'), seed: chosen.seed }
    })
  },
}

/** What the attention of the network gives for a picture with several amounts of noise, from little to much. @param latents [1, channels, height, width] */
async function* mapsOf(
  { checkpoint, signal }: Pick<OperationContext<'checkpoint'>, 'checkpoint' | 'signal'>,
  { looks, seed }: Choices,
  latents: Tensor,
  said: GuidanceConditioning,
): AsyncGenerator<Progress, WordMaps> {
  // Neither all noise, which shows nothing, nor none, where nothing is left to find.
  const schedule = latentSchedule(checkpoint, latents.shape, { sampler: INVERTIBLE_SAMPLER, steps: looks + 2 })
  const maps = new WordMaps()
  const plan = { sizes: { maps: true }, fedAt: () => ({}), onMaps: maps.add.bind(maps) }
  const attentive = { guidance: checkpoint.guidance, predictor: attentivePredictor(checkpoint, plan, 0).predictor }
  const network = (await guidedNetwork(attentive, latents.shape, said, UNGUIDED))(said)
  const noise = new TorchGenerator(seed).normal(latents.shape)
  const watch = new Stopwatch()
  for (let step = 1; step <= looks; step++) {
    signal.throwIfAborted()
    const begin = looks + 1 - step
    await network(noisedFor(schedule, begin, latents, noise), schedule.timesteps[begin])
    yield { phase: `Look ${step} of ${looks}`, step, total: looks, secondsLeft: watch.step(step, looks) }
  }
  return maps
}

const UNGUIDED = { scale: 1, trueScale: 1, rescale: 0 }
