import { existsSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { Problem } from '../problem.ts'
import { type Component, openComponent, openDiffusersFolder } from './diffusers-folder.ts'
import { type JsonObject, readJsonObject } from './json-file.ts'
import { openWeightFile } from './weight-files.ts'

/** A component that takes the place of a checkpoint's own: another model's (the folder of the model), a component's folder of its own
 *  (with config.json), or a `.safetensors` file under diffusers' keys, which takes the config.json beside it, else the own one.
 *  @param knownClasses those that can be built
 *  @throws Problem FILE_MISSING, COMPONENT_UNKNOWN, and as `openDiffusersFolder` */
export function openReplacement(path: string, own: Component, knownClasses: readonly string[]): Component {
  const folder = resolve(path)
  if (!existsSync(folder)) throw new Problem('FILE_MISSING', `${path} does not exist.`, { hint: 'Check the path.' })
  if (!statSync(folder).isDirectory()) return fromFile(folder, own, knownClasses)
  const configPath = join(folder, 'config.json')
  if (!existsSync(configPath)) return openDiffusersFolder(folder).component(own.name, knownClasses)
  const className = knownClassOf(path, readJsonObject(configPath), knownClasses)
  return openComponent(own.name, className, folder)
}

function fromFile(path: string, own: Component, knownClasses: readonly string[]): Component {
  const beside = join(dirname(path), 'config.json')
  const config = existsSync(beside) ? readJsonObject(beside) : own.config
  return {
    name: own.name,
    className: existsSync(beside) ? knownClassOf(path, config, knownClasses) : own.className,
    folder: path,
    configPath: existsSync(beside) ? beside : own.configPath,
    config,
    weights: openWeightFile(path),
  }
}

function knownClassOf(path: string, config: JsonObject, knownClasses: readonly string[]): string {
  const { _class_name: className } = config
  if (typeof className === 'string' && knownClasses.includes(className)) return className
  throw new Problem('COMPONENT_UNKNOWN', `${path} is of class ${className ?? 'unknown'}, which is not known here.`, {
    hint: `Choose one of class ${knownClasses.join(' or ')}.`,
  })
}
