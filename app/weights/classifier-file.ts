import { mkdirSync, realpathSync } from 'node:fs'
import { dirname } from 'node:path'
import { Problem } from '../problem.ts'
import type { Shape } from '../tensor/tensor.ts'
import { CONFIG_METADATA } from './control-net.ts'
import { type JsonObject, jsonObjectIn } from './json-file.ts'
import type { Component } from './model-source.ts'
import { writeSafetensors } from './safetensors.ts'
import { openTensorFile } from './tensor-file.ts'
import { openWeightFile } from './weight-files.ts'

const CLASS = 'NoisyClassifier'

/** Opens the file of a classifier, whose metadata hold its config. @throws Problem CLASSIFIER_FILE, FILE_*, SAFETENSORS_* */
export function openClassifier(path: string): Component {
  const config = jsonObjectIn(openTensorFile(path).metadata[CONFIG_METADATA])
  if (config?._class_name !== CLASS) {
    throw new Problem('CLASSIFIER_FILE', `${path} holds no classifier of noisy pictures.`, {
      hint: 'Train one from folders of classes: npm run train -- classifier.',
      details: { field: 'guideClassifier' },
    })
  }
  return {
    ...{ name: 'classifier', className: CLASS, folder: realpathSync(path), configPath: path, config },
    weights: openWeightFile(path),
  }
}

/** Writes a classifier as one file, in fp32; its folder is made. @throws Problem FILE_*, DISK_FULL */
export function writeClassifier(
  path: string,
  config: JsonObject,
  tensors: ReadonlyMap<string, { readonly shape: Shape; readonly data: Float32Array }>,
): void {
  mkdirSync(dirname(path), { recursive: true })
  const entries = tensors.entries().map(([key, { shape, data }]) => [key, { dtype: 'F32', shape, data }] as const)
  writeSafetensors(path, entries, {
    format: 'pt',
    [CONFIG_METADATA]: JSON.stringify({ ...config, _class_name: CLASS }),
  })
}
