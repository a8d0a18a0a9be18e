import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Problem } from '../problem.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { RgbImage } from '../tensor/images.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { readJsonObject } from '../weights/json-file.ts'
import { isFile } from '../weights/model-source.ts'
import { openWeightFile } from '../weights/weight-files.ts'
import { ClipNetwork } from './clip-network.ts'
import { InceptionNetwork } from './inception-network.ts'

/** A network whose view of pictures is measured. */
export interface FeatureNetwork {
  /** What every figure is printed with: no two networks give figures that can be compared. */
  readonly label: string
  /** Features of pictures of any sizes: [pictures, width]. @throws Problem WEIGHTS_*, SESSION_* */
  features(images: readonly RgbImage[]): Promise<Tensor>
}

/** Opens a network: the file of an InceptionV3 (torchvision's, or that of 2015-12-05 which FID is published with), or the folder of a CLIP
 *  model or of its vision tower (transformers).  @throws Problem METRIC_NETWORK, FILE_*, MODEL_CONFIG */
export function openFeatureNetwork(path: string, runtime: Runtime): ClipNetwork | InceptionNetwork {
  if (isFile(path)) return new InceptionNetwork(runtime, path, openWeightFile(path))
  const config = join(path, 'config.json')
  const { architectures } = existsSync(config) ? readJsonObject(config) : {}
  const className = Array.isArray(architectures) ? String(architectures[0]) : undefined
  if (className === 'CLIPModel' || className === 'CLIPVisionModelWithProjection') {
    return new ClipNetwork(runtime, path, className)
  }
  throw new Problem('METRIC_NETWORK', `${path} is no network that pictures can be measured with.`, {
    hint: 'Choose the file of an InceptionV3, or the folder of a CLIP model (CLIPModel or CLIPVisionModelWithProjection).',
  })
}
