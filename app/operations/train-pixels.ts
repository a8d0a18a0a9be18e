import { cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { z } from 'zod'
import { denoise } from '../diffusion/denoise.ts'
import type { ModelDescription } from '../models/description.ts'
import { ddim } from '../schedulers/ddim.ts'
import { ddpm } from '../schedulers/ddpm.ts'
import { createSchedule } from '../schedulers/index.ts'
import type { SchedulerConfig } from '../schedulers/scheduler.ts'
import { mix } from '../tensor/arithmetic.ts'
import { type RgbImage, toImages } from '../tensor/images.ts'
import { TorchGenerator } from '../tensor/random.ts'
import type { Shape } from '../tensor/tensor.ts'
import type { TrainingSet } from '../training/data.ts'
import { finished } from '../training/draw.ts'
import { type Answer, heldBackLoss, holdBack, pixelQuestions } from '../training/held-back.ts'
import type { Numbers } from '../training/numbers.ts'
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
  const { path, name: old, defaults } = model.description
  const { operation, classes = 1, noClass } = options
  const { learned: set, heldBack } = holdBack(options.set, chosen.heldBack, chosen.seed)
  const { noising, scheduler } = formOf(model.schedulerConfig, chosen.form, chosen.weighting)
  // 1. All weights learn
  const task = pixelTask({
    ...{ runtime: workshop.runtime, model: path, set, seed: chosen.seed, batch: chosen.batch },
    ...{ noiseOffset: chosen.noiseOffset, noising, ...(noClass && { noClass }) },
  })
  const shape: Shape = [1, 3, defaults.height, defaults.width]
  const draw = async (numbers: Numbers): Promise<RgbImage[]> => {
    const images: RgbImage[] = []
    for (let k = 0; k < SIGHTS; k++) {
      const random = new TorchGenerator(BigInt.asUintN(64, chosen.seed + BigInt(k)))
      const noise = (shape: Shape) => random.normal(shape)
      const schedule = createSchedule(quickSampler(scheduler), scheduler, SIGHT_STEPS)
      const predict = await task.view(numbers, shape, k % classes)
      const latents = mix([schedule.initialNoiseScale, noise(shape)])
      const run = denoise({ schedule, latents, noise, predict, signal })
      images.push(...toImages(await finished(run, workshop)))
    }
    return images
  }
  const questions = pixelQuestions(heldBack, noising, chosen.seed)
  const answers = (numbers: Numbers): Answer => {
    const views = new Map<number, ReturnType<typeof task.view>>()
    return async ({ sample, timestep }, index) => {
      const { label = 0 } = heldBack.examples[index]
      const view = views.get(label) ?? task.view(numbers, sample.shape, label)
      views.set(label, view)
      return (await view)(sample, timestep)
    }
  }
  const watched = heldBackLoss(heldBack, questions, answers, workshop.rest)
  const { saveEvery, showEvery, name: _, ...determining } = chosen
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
    },
    identity: [path, determining, set.examples],
    ...{ workshop, signal },
  })
  // 2. A model of its own, with the small files of the one that it was
  writeFolderSafely(making.target, folder =>
    writePixelModel(folder, path, { parameters, shapes: task.shapes }, scheduler, options.index),
  )
  return pictures.map((image, k) => ({ image, seed: BigInt.asUintN(64, chosen.seed + BigInt(k)) }))
}

/** DDPM itself takes a thousand steps; DDIM draws with the same network in few. */
const quickSampler = ({ _class_name: name }: SchedulerConfig): string =>
  typeof name !== 'string' || name === ddpm.className ? ddim.className : name

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
