import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { Checkpoint } from '../runtime/checkpoint.ts'
import { withCloseUps } from '../training/close-ups.ts'
import type { TrainingSet } from '../training/data.ts'
import { drawSights, type Sight, trainedView } from '../training/draw.ts'
import { heldBackLoss, holdBack, latentQuestions, toldAnswers } from '../training/held-back.ts'
import { learningCaptions } from '../training/learning-captions.ts'
import { chosenLayers, firstFactors, writeKohyaLora } from '../training/low-rank.ts'
import { modelNoising } from '../training/noising.ts'
import type { Numbers } from '../training/numbers.ts'
import { joinedSets, openPictureFolder } from '../training/picture-folder.ts'
import { frozenCaptions, plainUNet, textToImageTask } from '../training/text-to-image-task.ts'
import { identify } from '../weights/identify.ts'
import { layersOf } from '../weights/lora.ts'
import { openModel } from '../weights/open-model.ts'
import { drawClass } from './draw-class.ts'
import { fileName } from './file-name.ts'
import { foreseeWithWords, measuredWords } from './foresee-training.ts'
import { keptAnswers } from './kept-answers.ts'
import { keptTensorsOf } from './kept-tensors-of.ts'
import { conceptWords, type Concept as NamedConcept, namedSet } from './named-set.ts'
import type { Complete, Operation, OperationContext } from './operation.ts'
import { seed } from './parameters.ts'
import { planOf, runTraining } from './run-training.ts'
import {
  commonTraining,
  conceptTraining,
  lowRankTraining,
  priorTraining,
  textTraining,
  trialPrompts,
  watchedTraining,
  wordTraining,
} from './training-parameters.ts'

const parameters = z.object({
  ...{ images: commonTraining.images, ...conceptTraining },
  ...{ ...commonTraining, ...wordTraining, ...lowRankTraining, ...textTraining },
  ...{ ...priorTraining, ...watchedTraining, prompts: trialPrompts, seed },
})
type Chosen = Complete<z.output<typeof parameters>>
type Context = OperationContext<'checkpoint' | 'workshop' | 'making'>
/** What a concept is learned from and called. */
type Concept = Pick<Chosen, 'images' | 'identifier' | 'class' | 'flip' | 'seed'>
type Surroundings = OperationContext<'checkpoint' | 'workshop'>

/** The rate of a network whose first block has 320 channels, as Stable Diffusion 1.5's; narrower networks take larger corrections (Yang et al.
 *  2022, arXiv:2203.03466: in inverse proportion to the width). It is the highest of a short run that falls to nothing. */
const USUAL_RATE = 4e-4
const USUAL_WIDTH = 320

/** A concept becomes a LoRA (DreamBooth, Ruiz et al. 2022, arXiv:2208.12242, with the low-rank factors of Hu et al. 2021,
 *  arXiv:2106.09685): a few pictures of it are learned under a rare word. */
export const trainLora: Operation<typeof parameters, 'checkpoint', 'checkpoint' | 'workshop' | 'making'> = {
  id: 'train-lora',
  version: 2,
  title: 'Teach a concept (LoRA)',
  description: 'Learns what a few pictures show, as a LoRA that draws it when its word is said.',
  needs: { model: 'checkpoint' },
  resumes: true,
  makes: chosen => join('loras', `${fileName(nameOf(chosen))}.safetensors`),
  parameters,
  foresee(models, chosen, examples) {
    const { checkpoint, runtime } = models
    const words = chosen.textEncoder && { captions: learningCaptions(runtime, checkpoint, chosen) }
    const trained = trainedOf(checkpoint, chosen)
    return foreseeWithWords(models, chosen, examples, { trained, classImages: chosen.classImages, ...words })
  },
  async *run(context, chosen) {
    const { checkpoint, signal, workshop } = context
    const { runtime, rest } = workshop
    const total = chosen.steps
    // 1. Pictures and captions, and class images, which the model draws itself
    yield { phase: 'Reading the pictures', step: 0, total }
    const { set: given, unreadable } = await readSet(context, chosen)
    const { learned: set, heldBack } = holdBack(given, chosen.heldBack, chosen.seed)
    const views = chosen.closeUps ? withCloseUps(set) : set
    const whole = chosen.classImages === 0 ? views : joinedSets([views, yield* drawClass(context, set, chosen)])
    const left = unreadable.length === 0 ? '' : `; left out, since they are no pictures: ${unreadable.join(', ')}`
    yield { phase: `Learning from ${set.examples.length} pictures${measuredWords(heldBack)}${left}`, step: 0, total }
    // 2. Which layers learn, and what they are asked
    const trained = trainedOf(checkpoint, chosen)
    const words = chosen.textEncoder ? learningCaptions(runtime, checkpoint, chosen) : undefined
    const kept = keptTensorsOf(context)
    const captions = words ?? (await frozenCaptions(checkpoint, kept))
    const { batch, emptyCaptions, noiseOffset, priorWeight, snrGamma } = chosen
    const weighting = snrGamma > 0 ? ({ kind: 'min-snr', gamma: snrGamma } as const) : undefined
    const noising = modelNoising(checkpoint.schedulerConfig, weighting)
    const answers = await keptAnswers(checkpoint, whole, chosen, { kept, guidance: chosen.learnedGuidance })
    const task = textToImageTask({
      ...{ runtime, checkpoint, set: whole, captions, trained, noising, seed: chosen.seed },
      ...{ batch, emptyCaptions, noiseOffset, priorWeight, kept },
      ...answers,
      start: trainable => firstFactors(trainable.parameters, chosen.seed),
    })
    // 3. The file, as other programs read it
    const { target, source, hashes } = context.making
    const name = nameOf(chosen)
    const metadata = { ...metadataOf(name, set, chosen, checkpoint), ss_new_sd_model_hash: hashes[source] }
    const write = (path: string, numbers: Numbers) =>
      writeKohyaLora(path, { numbers, shapes: task.shapes }, chosen.alpha, metadata)
    // 4. The training loop, with pictures of the concept and of what is held back to watch it by
    const view = trainedView(checkpoint, { unet: trained, ...words?.trained }, task.shapes)
    const ask = latentQuestions(checkpoint, heldBack, noising, { seed: chosen.seed, kept, guided: answers.guided })
    const watched = heldBackLoss(heldBack, ask, numbers => toldAnswers(view(numbers), heldBack), rest)
    const { saveEvery, showEvery, name: _, ...determining } = chosen
    const rate = usualRate(checkpoint, context)
    const { parameters, pictures } = yield* runTraining({
      task,
      draw: (numbers, prompts) => drawSights(view(numbers), sightsOf(prompts, chosen.seed), { signal, rest }),
      footprint: task.trainable.footprint,
      plan: planOf(chosen, rate, chosen.textEncoder ? { rateShares: textShares(chosen, rate) } : {}),
      habits: { saveEvery, showEvery, batch },
      watching: {
        ...{ operation: trainLora.id, name, prompts: promptsOf(set, chosen), result: { target, write } },
        ...(heldBack.examples.length > 0 && { heldBackLoss: watched }),
      },
      identity: [checkpoint.description.path, determining, whole.examples],
      ...{ workshop, signal },
    })
    // 5. The end of it
    mkdirSync(dirname(target), { recursive: true })
    write(target, parameters)
    return pictures.map((image, k) => ({ image, seed: sightSeed(chosen.seed, k) }))
  },
}

/** The layers of the UNet that get factors. */
const trainedOf = ({ description }: Checkpoint, chosen: Chosen) => ({
  factors: chosenLayers(layersOf(openModel(description.path).component('unet').weights), chosen),
})

/** "sks cat" where no name was chosen. */
const nameOf = ({ name, identifier, class: kind }: Pick<Chosen, 'name' | 'identifier' | 'class'>): string =>
  name || [identifier, kind].filter(word => word !== '').join(' ')

/** The pictures of a concept, of the model's own size. @throws Problem as `openPictureFolder` */
export async function readSet({ checkpoint, workshop }: Surroundings, chosen: Concept) {
  if (workshop.pictures) return { set: namedSet(workshop.pictures, chosen, chosen.flip), unreadable: [] }
  return openPictureFolder(chosen.images, {
    read: workshop.readPicture,
    size: checkpoint.description.defaults,
    caption: conceptWords(chosen),
    mayFlip: chosen.flip,
  })
}

/** What the run is watched by: the concept alone, as the first captions have it, and what the person wants to see. */
export function promptsOf({ examples }: TrainingSet, chosen: NamedConcept & Pick<Chosen, 'prompts'>): string[] {
  const usual = new Set([conceptWords(chosen), ...examples.map(({ caption }) => caption)])
  const own = chosen.prompts.split('\n').map(line => line.trim())
  return [...new Set([...[...usual].slice(0, 4), ...own])].filter(prompt => prompt !== '')
}

/** The seed of a picture to watch a run by: each prompt has its own, the same in the whole run. */
export const sightSeed = (seed: bigint, k: number): bigint => BigInt.asUintN(64, seed + BigInt(k))

export const sightsOf = (prompts: readonly string[], seed: bigint): Sight[] =>
  prompts.map((prompt, k) => ({ prompt, seed: sightSeed(seed, k) }))

/** How much slower than the UNet the text encoders learn. Half is what kohya's own examples use (5e-5 beside 1e-4): what words mean to all other
 *  prompts is spoiled sooner than how the UNet draws. */
const USUAL_TEXT_SHARE = 0.5

function textShares({ learningRate, textLearningRate }: Chosen, usual: number): Record<string, number> {
  const share = textLearningRate === 0 ? USUAL_TEXT_SHARE : textLearningRate / (learningRate || usual)
  return { text_encoder: share }
}

function usualRate(checkpoint: Checkpoint, { workshop }: Context): number {
  const [width] = plainUNet(checkpoint, workshop.runtime).config.block_out_channels
  return (USUAL_RATE * USUAL_WIDTH) / width
}

/** kohya's words for the kinds of models that it trains. */
const bases: Readonly<Record<string, string>> = { sd1: 'sd_v1', sd2: 'sd_v2', sdxl: 'sdxl_base_v1-0' }

/** What the file says of itself, in the words of kohya's trainer and of ModelSpec (github.com/Stability-AI/ModelSpec). */
function metadataOf(name: string, { examples }: TrainingSet, chosen: Chosen, { description }: Checkpoint) {
  const base = bases[identify(description.path).family]
  const counts = Map.groupBy(examples, ({ caption }) => caption)
  const tags = Object.fromEntries(counts.entries().map(([caption, { length }]) => [caption, length]))
  return {
    'modelspec.sai_model_spec': '1.0.0',
    'modelspec.title': name,
    'modelspec.trigger_phrase': [chosen.identifier, chosen.class].filter(word => word !== '').join(' '),
    ss_output_name: name,
    ss_network_module: 'networks.lora',
    ss_network_dim: String(chosen.rank),
    ss_network_alpha: String(chosen.alpha),
    ss_sd_model_name: description.name,
    ss_num_train_images: String(examples.length),
    ss_max_train_steps: String(chosen.steps),
    ss_batch_size_per_device: String(chosen.batch),
    ss_optimizer: chosen.optimiser,
    ss_lr_scheduler: chosen.schedule,
    ss_seed: String(chosen.seed),
    ss_tag_frequency: JSON.stringify({ [name]: tags }),
    ss_session_id: createHash('sha256').update(JSON.stringify(examples)).digest('hex').slice(0, 16),
    ...(base !== undefined && { ss_base_model_version: base }),
  }
}
