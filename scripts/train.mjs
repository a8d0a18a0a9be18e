// `npm run train`: makes the bundles of the command line if the sources changed, then runs its command for training.
import { build } from './build.mjs'

await build({ only: ['command'] })
process.argv.splice(2, 0, 'train')
await import(new URL('../dist/command-line.cjs', import.meta.url).href)
