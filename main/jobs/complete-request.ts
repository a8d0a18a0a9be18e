import { randomInt } from 'node:crypto'
import { existsSync } from 'node:fs'
import type { JobRequest } from '../../app/api/contract.ts'
import { isOpen } from '../../app/library/jobs.ts'
import {
  modelParameters,
  withAdditionFiles,
  withChosenCompanions,
  withFinders,
  withOwnClip,
} from '../../app/operations/additions.ts'
import { checkControls } from '../../app/operations/check-controls.ts'
import { checkModel } from '../../app/operations/check-model.ts'
import { checkParameters, type StoredParameters } from '../../app/operations/check-parameters.ts'
import { withPictureSize } from '../../app/operations/given-pictures.ts'
import { withImageEncoders } from '../../app/operations/image-prompts.ts'
import { openModel } from '../../app/weights/open-model.ts'
import { safely } from '../model-files.ts'
import type { ShelfModel } from '../model-shelf.ts'
import { pictureFile } from '../picture-files.ts'
import { type JobParts, operationOf } from './job-kind.ts'
import { nameTaken, targetOf } from './make-model.ts'

type RequestParts = Pick<JobParts, 'library' | 'models' | 'modelsFolder' | 'operations'>

/** A request that was checked, with everything filled in that the person left to Sfumato, and files in the place of names.
 *  @throws Problem OPERATION_UNKNOWN, MODEL_*, PARAMETER_*, SIZE_MULTIPLE ... */
export function completeRequest(
  parts: RequestParts,
  { operation: id, model: reference, parameters }: JobRequest,
): { readonly model: ShelfModel; readonly parameters: StoredParameters } {
  const { library, models, operations } = parts
  const operation = operationOf(parts, id)
  const model = models.find(reference)
  const description = models.describe(model)
  checkModel(operation, description, operations)
  const sized = withPictureSize(operation, parameters, description, hash => library.keptPictures.find(hash))
  const complete = checkParameters(operation, sized, description, () => BigInt(randomInt(2 ** 32)))
  const named = withAdditionFiles(withOwnNetworks(complete, models), (name, kind) =>
    kind === 'picture' ? pictureFile(library, name) : models.addition(name, kind),
  )
  checkControls(named, description, () => models.placesOf('controlnet'))
  const seeing = withImageEncoders(named, () => models.imageEncoders)
  const files =
    'textEncoders' in seeing
      ? withChosenCompanions(seeing, openModel(model.path), kind => models.pathsOf(kind))
      : seeing
  for (const name of modelParameters(operation)) {
    if (typeof files[name] === 'string' && files[name] !== '') files[name] = models.find(files[name]).path
  }
  const target = targetOf(parts, operation, model, files)
  if (target !== undefined && (existsSync(target) || awaitedModels(parts).includes(target))) throw nameTaken(target)
  return { model, parameters: files }
}

/** Where the models go that wait to be made. */
function awaitedModels(parts: RequestParts): string[] {
  const { library, models, operations } = parts
  const waiting = library.jobs.list().filter(isOpen)
  return waiting.flatMap(({ operation: id, model, parameters }) => {
    const [operation, known] = [operations[id], models.known(model)]
    // Of another version of Sfumato, maybe.
    const target = operation && known && safely(() => targetOf(parts, operation, known, parameters))
    return target === undefined ? [] : [target]
  })
}

/** The parameters with the networks that look at pictures, where they need some: the person's, or those that come with the app. */
function withOwnNetworks(parameters: StoredParameters, models: RequestParts['models']): StoredParameters {
  const { poseNetwork, featureNetwork } = models
  return withFinders(withOwnClip(parameters, featureNetwork), {
    pose: { brought: models.pathsOf('pose-network'), ...(poseNetwork !== undefined && { own: poseNetwork }) },
    depth: { brought: models.pathsOf('depth-network') },
  })
}
