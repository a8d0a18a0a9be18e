import { statSync } from 'node:fs'
import type { Trained, TrainedFactors } from '../models/trained.ts'
import { Problem } from '../problem.ts'
import type { Checkpoint } from '../runtime/checkpoint.ts'
import type { Shape } from '../tensor/tensor.ts'
import { type LearnedPicture, openLearnedPicture } from '../weights/learned-picture.ts'
import { layersOf } from '../weights/lora.ts'
import { openModel } from '../weights/open-model.ts'
import { fileProblem } from '../weights/safe-file.ts'

const FACTOR = /^(.*)\.lora_([AB])\.weight$/

/** Opens what a training of a picture made, and the checkpoint as it draws with that.
 *  @param method that must have made it
 *  @throws Problem LEARNED_PICTURE, LEARNED_METHOD, LEARNED_BASE where another model learned it, SAFETENSORS_*, FILE_* */
export function learnedView(
  checkpoint: Checkpoint,
  path: string,
  method: LearnedPicture['method'],
): { readonly learned: LearnedPicture; readonly view: Checkpoint } {
  const learned = openLearnedPicture(path)
  if (learned.method !== method) {
    throw new Problem('LEARNED_METHOD', `${path} was learned in another way, by ${titles[learned.method]}.`, {
      hint: `Choose one of ${titles[method]}, or draw with ${titles[learned.method]}.`,
      details: { field: 'learned' },
    })
  }
  const { shapes, parameters: numbers } = learned
  refuseMisfits(checkpoint, learned, path)
  const training = `learned picture ${path} ${changeOf(path)}`
  const view = checkpoint.whileTraining({ unet: { trained: trainedIn(learned), shapes, numbers, training } })
  return { learned, view }
}

const titles = { imagic: 'Imagic', unitune: 'UniTune' } as const

/** When the file was written, so that another one of its name opens other sessions. */
function changeOf(path: string): number {
  try {
    return statSync(path).mtimeMs
  } catch (error) {
    throw fileProblem(error, path)
  }
}

/** What of the network is fed from the file. */
function trainedIn({ shapes, scale }: LearnedPicture): Trained {
  if (scale === undefined) return { parameters: key => shapes.has(key) }
  const factors = [...shapes].flatMap(([name, [rank]]): [string, TrainedFactors][] => {
    const [, layer, factor] = FACTOR.exec(name) ?? []
    return layer !== undefined && factor === 'A' ? [[layer, { rank, scale }]] : []
  })
  return { factors: new Map(factors) }
}

/** @throws Problem LEARNED_BASE */
function refuseMisfits({ description }: Checkpoint, { shapes }: LearnedPicture, path: string): void {
  const { weights } = openModel(description.path).component('unet')
  const layers = layersOf(weights)
  const fits = ([name, shape]: [string, Shape]): boolean => {
    const [, layer, factor] = FACTOR.exec(name) ?? []
    if (layer === undefined) return `${weights.find(name)?.entry.shape}` === `${shape}`
    const [out, ...inside] = layers.get(layer) ?? []
    return factor === 'A' ? `${shape.slice(1)}` === `${inside}` : shape[0] === out
  }
  const misfit = [...shapes].find(each => !fits(each))
  if (misfit === undefined) return
  throw new Problem(
    'LEARNED_BASE',
    `${path} was learned by another model: ${description.name} has no "${misfit[0]}" like its.`,
    {
      hint: 'Choose the model that learned it.',
      details: { field: 'learned' },
    },
  )
}
