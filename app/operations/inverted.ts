import { pullOf } from '../diffusion/guided-network.ts'
import { followedToNoise, INVERTIBLE_SAMPLER, inverseSchedule, invertibleConfig } from '../diffusion/inversion.ts'
import { Problem } from '../problem.ts'
import type { Checkpoint } from '../runtime/checkpoint.ts'
import { type Conditioning, type GuidanceConditioning, repeatConditioning } from '../runtime/conditioning.ts'
import { joinBatches, repeatEach, splitBatches } from '../tensor/batches.ts'
import { fitImage } from '../tensor/fit.ts'
import { fromImages, type RgbImage } from '../tensor/images.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import { invertNullText } from '../training/null-text.ts'
import type { Beginning, Method, StartingPlace, WordChoices } from './draw-from-words.ts'
import { nothingElse } from './edit-parameters.ts'
import { fitModes } from './image-to-image.ts'
import type { OperationContext, Progress } from './operation.ts'
import { Stopwatch } from './stopwatch.ts'

/** Of the authors' program: where a step of null-text inversion is good enough. */
const NULL_TEXT = { rate: 0.01, enough: 1e-5 }

/** How a picture becomes noise. */
export interface InversionChoices {
  readonly inversion: 'direct' | 'null-text' | 'negative-prompt' | 'ddim'
  readonly innerSteps: number
  readonly fit: keyof typeof fitModes
}

type Context = OperationContext<'checkpoint' | 'pictures' | 'workshop'>

/** What all that begins from the noise of a picture is told in the place of a sampler. */
export const invertibly = { sampler: INVERTIBLE_SAMPLER, karras: false, ...nothingElse }

/** Begins with the noise that draws a picture: the first of the pictures that are drawn together is that picture again, as far as the inversion
 *  finds it. @throws Problem INVERSION_KIND, PICTURE_* */
export async function invertedPicture(
  context: Context,
  chosen: WordChoices & InversionChoices & { readonly image: string },
): Promise<Method> {
  refuseOtherModels(context.checkpoint)
  const part = (of: RgbImage) => fitImage(of, chosen, fitModes[chosen.fit])
  const image = part(await context.pictures.read(chosen.image, '#ffffff'))
  return {
    part,
    picture: image,
    config: invertibleConfig(context.checkpoint),
    besides: [chosen.prompt],
    begin: place => fromItsNoise(context, chosen, image, place),
  }
}

/** The first of several pictures is another one after each call. */
const heldTo =
  (sourceAt: (call: number) => Tensor) =>
  (latents: Tensor, call: number): Tensor =>
    joinBatches([sourceAt(call), ...splitBatches(latents, latents.shape[0]).slice(1)])

/** The latents of a picture, the middle of what the autoencoder finds. [1, channels, height, width] */
export const latentsOfPicture = (checkpoint: Checkpoint, image: RgbImage): Promise<Tensor> =>
  checkpoint.encodeLatents(fromImages([image]), shape => tensor(shape))

async function* fromItsNoise(
  context: Context,
  chosen: WordChoices & InversionChoices,
  image: RgbImage,
  place: StartingPlace,
): AsyncGenerator<Progress, Beginning> {
  const { checkpoint } = context
  const {
    shape,
    besides: [words],
    scales,
  } = place
  const clean = await latentsOfPicture(checkpoint, image)
  const all = (one: Tensor) => repeatEach(one, shape[0])
  const scale = pullOf(checkpoint, scales)
  if (chosen.inversion === 'null-text' && scale > 1) {
    const { inversion, embeddings } = yield* nullText(context, chosen, clean, words, scale)
    const last = inversion[inversion.length - 1]
    return {
      latents: all(last),
      told: (said, step) => ({
        ...said,
        negative: { ...said.negative, encoder_hidden_states: all(embeddings[step - 1]) },
      }),
    }
  }
  const passed = yield* invertedLatents(context, clean, words.positive, { steps: chosen.steps })
  const latents = all(passed[passed.length - 1])
  if (chosen.inversion === 'ddim') return { latents }
  // The source goes back the way that it came (Ju et al. 2023, "Direct inversion", arXiv:2310.01506, algorithm 1).
  if (chosen.inversion === 'direct') return { latents, after: heldTo(call => passed[Math.max(chosen.steps - call, 0)]) }
  // What the picture is pulled away from is what it says now (Miyake et al. 2023, arXiv:2305.16807): then guidance moves the source nowhere.
  return { latents, told: said => ({ ...said, negative: repeatConditioning(words.positive, shape[0]) }) }
}

/** A picture's latents on their way to the noise, with progress. @param words what the picture says, for one  @param options.end steps that are made */
export async function* invertedLatents(
  { checkpoint, signal }: Pick<Context, 'checkpoint' | 'signal'>,
  latents: Tensor,
  words: Conditioning,
  { steps, end = steps }: { readonly steps: number; readonly end?: number },
): AsyncGenerator<Progress, Tensor[]> {
  const { shape } = latents
  const network = await checkpoint.predictor(shape, words.encoder_hidden_states.shape[1], false)
  const predict = (input: Tensor, timestep: number) => network(input, timestep, words)
  const run = followedToNoise({ schedule: inverseSchedule(checkpoint, steps), latents, predict, signal, end })
  const watch = new Stopwatch()
  for (;;) {
    const next = await run.next()
    if (next.done) return next.value
    const { step, total } = next.value
    yield { phase: `Finding the picture's noise, step ${step} of ${total}`, step, total, ...left(watch, step, total) }
  }
}

async function* nullText(
  { checkpoint, signal, workshop: { runtime } }: Context,
  { steps, innerSteps: inner }: WordChoices & InversionChoices,
  latents: Tensor,
  words: GuidanceConditioning,
  guidance: number,
) {
  const run = invertNullText(runtime, checkpoint, { ...NULL_TEXT, ...words, latents, steps, inner, guidance, signal })
  const watch = new Stopwatch()
  for (;;) {
    const next = await run.next()
    if (next.done) return next.value
    const { way, step, total } = next.value
    const phase = way === 'back' ? `Finding the way back, step ${step}` : `Finding the picture's noise, step ${step}`
    yield { phase: `${phase} of ${total}`, step, total, ...(way === 'back' && left(watch, step, total)) }
  }
}

function left(watch: Stopwatch, step: number, total: number): Pick<Progress, 'secondsLeft'> {
  const secondsLeft = watch.step(step, total)
  return secondsLeft === undefined ? {} : { secondsLeft }
}

/** The way back to the noise is known for networks of diffusion that see the latents alone. @throws Problem INVERSION_KIND */
export function refuseOtherModels({ kind, guidance, besideChannels, description }: Checkpoint): void {
  if (kind === 'unet' && guidance === undefined && besideChannels === 0) return
  throw new Problem('INVERSION_KIND', `${description.name} cannot find the noise of a picture.`, {
    hint: 'Choose a model of Stable Diffusion 1, 2 or XL that was not distilled to few steps, and not made for in-painting.',
    details: { field: 'model' },
  })
}
