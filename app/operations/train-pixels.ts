import { cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { z } from 'zod'
import { openFeatureNetwork } from '../metrics/feature-network.ts'
import type { ModelDescription } from '../models/description.ts'
import { Problem } from '../problem.ts'
import { ddpm } from '../schedulers/ddpm.ts'
import type { SchedulerConfig } from '../schedulers/scheduler.ts'
import type { RgbImage } from '../tensor/images.ts'
import type { Shape } from '../tensor/tensor.ts'
import type { TrainingSet } from '../training/data.ts'
import type { BetweenSteps } from '../training/draw.ts'
import { drawPixels } from '../training/draw-pixels.ts'
import { type Answer, heldBackLoss, holdBack, pixelQuestions } from '../training/held-back.ts'
import type { Numbers } from '../training/numbers.ts'
import { distanceToSet, type PictureDistance } from '../training/picture-distance.ts'
import { formOf } from '../training/pixel-forms.ts'
import { type PixelTraining, pixelTask } from '../training/pixel-task.ts'
import { type JsonObject, readJsonObject } from '../weights/json-file.ts'
import { writeFileSafely, writeFolderSafely } from '../weights/safe-file.ts'
import { writeSafetensors } from '../weights/safetensors.ts'
import type { Complete, Materials, OperationPicture, OperationSurroundings, Progress } from './operation.ts'
import { planOf, runTraining, type TrainingChoices } from './run-training.ts'
import type { pixelTraining } from './training-parameters.ts'

/** What a person chose of what trainers of pixels ask for. */
type Chosen = TrainingChoices &
  Complete<z.output<z.ZodObject<typeof pixelTraining>>> & { readonly noiseOffset: number; readonly heldBack: number }

/** What DDPM was trained with, whose first block has 128 channels (Ho et al. 2020, arXiv:2006.11239, appendix B). */
const USUAL_RATE = 2e-4
const USUAL_WIDTH = 128
/** Pictures to watch a run by, and the steps that they are drawn with: rough ones will do. */
const SIGHTS = 4
const SIGHT_STEPS = 50
/** Of the pictures that are measured, which are many. */
const MEASURED_STEPS = 25

/** All weights of a model of pixels learn from a set; what comes of it is the moving average of its weights, as a model of its own.
 *  @param model that it begins as  @param options.index what model_index.json says beside what it said
 *  @throws Problem as `pixelTask`, `formOf`, `runTraining` */
export async function* trainPixels(
  { workshop, making, signal }: OperationSurroundings & Pick<Materials, 'workshop' | 'making'>,
  model: { readonly description: ModelDescription; readonly schedulerConfig: JsonObject },
  chosen: Chosen,
  options: {
    readonly set: TrainingSet
    /** Of whom the run is, by id. */
    readonly operation: string
    /** How many classes there are; absent: the network is told none. */
    readonly classes?: number
    readonly noClass?: PixelTraining['noClass']
    readonly index?: JsonObject
  },
): AsyncGenerator<Progress, readonly OperationPicture[]> {
  const { path: source, name: old, defaults } = model.description
  const { operation, classes = 1, noClass } = options
  const { learned: set, heldBack } = holdBack(options.set, chosen.heldBack, chosen.seed)
  const { noising, scheduler } = formOf(model.schedulerConfig, chosen.form, chosen.weighting)
  // 1. All weights learn
  const task = pixelTask({
    ...{ runtime: workshop.runtime, model: source, set, seed: chosen.seed, batch: chosen.batch },
    ...{ noiseOffset: chosen.noiseOffset, noising, ...(noClass && { noClass }) },
  })
  const between = { signal, rest: workshop.rest }
  const drawn = (numbers: Numbers, labels: readonly number[], steps: number, seed: bigint) =>
    drawPixels({
      predict: (shape, classes) => task.view(numbers, shape, classes),
      ...{ size: [3, defaults.height, defaults.width], scheduler, steps, labels, seed, between },
    })
  const draw = async (numbers: Numbers): Promise<RgbImage[]> => {
    const images: RgbImage[] = []
    for (let k = 0; k < SIGHTS; k++) {
      images.push(...(await drawn(numbers, [k % classes], SIGHT_STEPS, chosen.seed + BigInt(k))))
    }
    return images
  }
  const questions = pixelQuestions(heldBack, noising, chosen.seed)
  const answers = (numbers: Numbers): Answer => {
    const views = new Map<number, ReturnType<typeof task.view>>()
    return async ({ sample, timestep }, index) => {
      const { label = 0 } = heldBack.examples[index]
      const view = views.get(label) ?? task.view(numbers, sample.shape, [label])
      views.set(label, view)
      return (await view)(sample, timestep)
    }
  }
  const watched = heldBackLoss(heldBack, questions, answers, workshop.rest)
  const measure = measuring(workshop, set, chosen, between)
  const distance = async (numbers: Numbers): Promise<PictureDistance | undefined> =>
    measure?.((examples, first) => {
      const labels = examples.map(index => set.examples[index].label ?? 0)
      return drawn(numbers, labels, MEASURED_STEPS, chosen.seed + BigInt(first))
    })
  const write = (path: string, numbers: Numbers) =>
    writeFolderSafely(path, folder =>
      writePixelModel(folder, source, { parameters: numbers, shapes: task.shapes }, scheduler, options.index),
    )
  // How it is watched changes nothing of what is learned.
  const { saveEvery, showEvery, name: _, measured: __, network: ___, ...determining } = chosen
  const first = task.shapes.get('conv_in.weight')?.[0] ?? USUAL_WIDTH
  const average = chosen.averageDecay > 0 && { average: { decay: chosen.averageDecay, warmUp: { power: 0.75 } } }
  const { parameters, pictures } = yield* runTraining({
    ...{ task, draw },
    footprint: task.trainable.footprint,
    plan: planOf(chosen, (USUAL_RATE * USUAL_WIDTH) / first, { ...average }),
    habits: { saveEvery, showEvery, batch: chosen.batch },
    watching: {
      ...{ operation, name: chosen.name || `${old} trained`, prompts: [] },
      ...(heldBack.examples.length > 0 && { heldBackLoss: watched }),
      ...(measure && { distance }),
      // Whole models: only where somebody means to choose between them.
      ...(showEvery > 0 && { result: { target: making.target, write } }),
    },
    identity: [source, determining, set.examples],
    ...{ workshop, signal },
  })
  // 2. A model of its own, with the small files of the one that it was
  write(making.target, parameters)
  return pictures.map((image, k) => ({ image, seed: BigInt.asUintN(64, chosen.seed + BigInt(k)) }))
}

/** What measures drawn pictures against the set; undefined where nobody wants it. @throws Problem METRIC_*, FILE_* */
function measuring(
  { runtime, featureNetwork }: Materials['workshop'],
  set: TrainingSet,
  { measured, network }: Chosen,
  between: BetweenSteps,
): ReturnType<typeof distanceToSet> | undefined {
  if (measured === 0) return undefined
  const path = network || featureNetwork
  if (path === undefined) {
    throw new Problem('METRIC_NETWORK', 'There is no network here that pictures can be measured with.', {
      hint: 'Name the file of an InceptionV3 or the folder of a CLIP model, or measure no pictures.',
    })
  }
  return distanceToSet(set, openFeatureNetwork(path, runtime), measured, between)
}

function writePixelModel(
  made: string,
  source: string,
  { parameters, shapes }: { readonly parameters: Numbers; readonly shapes: ReadonlyMap<string, Shape> },
  scheduler: SchedulerConfig,
  index: JsonObject = {},
): void {
  for (const part of ['unet', 'scheduler']) mkdirSync(join(made, part), { recursive: true })
  cpSync(join(source, 'unet', 'config.json'), join(made, 'unet', 'config.json'))
  const write = (name: string, content: object) =>
    writeFileSafely(join(made, name), [Buffer.from(`${JSON.stringify(content, null, 2)}\n`)])
  const { _class_name: className = ddpm.className } = scheduler
  write('scheduler/scheduler_config.json', scheduler)
  const own = readJsonObject(join(source, 'model_index.json'))
  write('model_index.json', { ...own, scheduler: ['diffusers', className], ...index })
  const tensors = [...parameters].map(
    ([key, data]) => [key, { dtype: 'F32', shape: shapes.get(key) ?? [], data }] as const,
  )
  writeSafetensors(join(made, 'unet', 'diffusion_pytorch_model.safetensors'), tensors, { format: 'pt' })
}
