import { z } from 'zod'
import { differenceMask, keptAlong } from '../diffusion/diffedit.ts'
import { guidedNetwork } from '../diffusion/guided-network.ts'
import { invertibleConfig } from '../diffusion/inversion.ts'
import { Problem } from '../problem.ts'
import { type Conditioning, type GuidanceConditioning, repeatConditioning } from '../runtime/conditioning.ts'
import { noisedFor } from '../schedulers/add-noise.ts'
import { repeatEach, splitBatches } from '../tensor/batches.ts'
import { fitImage } from '../tensor/fit.ts'
import type { RgbImage } from '../tensor/images.ts'
import { enlarged, type GrayImage, laidOver, softenedInside, wholeOf } from '../tensor/masks.ts'
import { TorchGenerator } from '../tensor/random.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { type Beginning, drawFromWords, type Method, type StartingPlace, type WordChoices } from './draw-from-words.ts'
import { maskMaps, maskRatio, maskStrength, wordsOfPicture } from './edit-parameters.ts'
import { fitModes, stepsLeftOut } from './image-to-image.ts'
import { invertedLatents, invertibly, latentsOfPicture, refuseOtherModels } from './inverted.ts'
import { maskSoftness } from './mask-parameters.ts'
import type { Operation, OperationContext, Progress } from './operation.ts'
import { picture, pictureFit, strength } from './parameters.ts'

const parameters = z.object({
  ...wordsOfPicture,
  ...{ image: picture, fit: pictureFit, strength: strength.default(0.8) },
  ...{ maskMaps, maskRatio, maskStrength, softness: maskSoftness },
})
type Choices = WordChoices & {
  readonly to: string
  readonly strength: number
  readonly maskMaps: number
  readonly maskRatio: number
  readonly maskStrength: number
}
type Context = OperationContext<'checkpoint' | 'pictures'>

/** A picture says where it must change for other words, and changes there alone: DiffEdit (Couairon et al. 2022, arXiv:2210.11427), the reference's
 *  StableDiffusionDiffEditPipeline. What it keeps outside its mask is here the picture at exactly the level that each step has reached, and in
 *  the end its own pixels. */
export const diffEdit: Operation<typeof parameters, 'checkpoint', 'checkpoint' | 'pictures'> = {
  id: 'diffedit',
  version: 1,
  title: 'Change what differs',
  description: 'Finds from old and new words where a picture must change, and changes nothing else.',
  needs: { model: 'checkpoint' },
  parameters,
  async *run(context, chosen) {
    refuseOtherModels(context.checkpoint)
    const complete = { ...chosen, ...invertibly }
    const part = (of: RgbImage) => fitImage(of, chosen, fitModes[chosen.fit])
    const image = part(await context.pictures.read(chosen.image, '#ffffff'))
    let found: GrayImage | undefined
    const method: Method = {
      part,
      config: invertibleConfig(context.checkpoint),
      besides: [chosen.prompt],
      begin: place => fromMask(context, complete, image, place, mask => (found = mask)),
      finish: drawn => {
        const over = found && softenedInside(found, chosen.softness)
        return over ? laidOver(image, fitImage(drawn, image, 'stretch'), over, wholeOf(image)) : drawn
      },
    }
    return yield* drawFromWords(context, { ...complete, prompt: complete.to }, method)
  },
}

/** Finds mask and way to the noise, and begins in the middle of it. @param onMask told the mask at the size of the picture */
async function* fromMask(
  context: Context,
  chosen: Choices,
  image: RgbImage,
  place: StartingPlace,
  onMask: (mask: GrayImage) => void,
): AsyncGenerator<Progress, Beginning> {
  const { checkpoint, signal } = context
  const { steps } = chosen
  const clean = await latentsOfPicture(checkpoint, image)
  yield { phase: 'Finding where it must change', step: 0, total: steps }
  const [words] = place.besides
  const mask = await maskFromWords(context, chosen, clean, place)
  onMask(enlarged(mask, image))
  if (!mask.data.includes(1)) {
    throw new Problem('MASK_EMPTY', 'The new words ask for no change that can be found in the picture.', {
      hint: 'Say more of what is there now and of what shall be there, or lower "Difference".',
      details: { field: 'to' },
    })
  }
  signal.throwIfAborted()
  const begin = stepsLeftOut(steps, chosen.strength)
  const passed = yield* invertedLatents(context, clean, words.positive, { steps, end: steps - begin })
  const all = (one: Tensor) => repeatEach(one, place.shape[0])
  // After call k the level is that of the latents which k calls of the way back are left of.
  const after = keptAlong(mask, call => passed[Math.max(steps - call, 0)])
  return { latents: all(passed[passed.length - 1]), begin, after }
}

/** Asks the network about several noises at once, for old and new words. */
async function maskFromWords(
  { checkpoint }: Pick<Context, 'checkpoint'>,
  chosen: Choices,
  clean: Tensor,
  place: StartingPlace,
): Promise<Tensor> {
  const { maskMaps: count, maskStrength, steps } = chosen
  const begin = stepsLeftOut(steps, maskStrength)
  const many = repeatEach(clean, count)
  const noisy = noisedFor(place.schedule, begin, many, new TorchGenerator(chosen.seed).normal(many.shape))
  const answers: Tensor[] = []
  for (const words of [place.besides[0], firstOf(place.conditioning)]) {
    const repeated = {
      positive: repeatConditioning(words.positive, count),
      negative: repeatConditioning(words.negative, count),
    }
    const network = await guidedNetwork(checkpoint, many.shape, repeated, place.scales)
    answers.push(await network(repeated)(noisy, place.schedule.timesteps[begin]))
  }
  return differenceMask(answers[0], answers[1], chosen.maskRatio)
}

/** What the first of several pictures is told. */
const firstOf = ({ positive, negative }: GuidanceConditioning): GuidanceConditioning => ({
  positive: firstMember(positive),
  negative: firstMember(negative),
})

const firstMember = (words: Conditioning): Conditioning =>
  Object.fromEntries(Object.entries(words).map(([name, value]) => [name, splitBatches(value, value.shape[0])[0]]))
