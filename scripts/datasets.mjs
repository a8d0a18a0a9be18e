// `npm run datasets`: makes the bundles of the command line if the sources changed, then runs its command for data sets.
import { build } from './build.mjs'

await build({ only: ['command'] })
await import(new URL('../dist/datasets.cjs', import.meta.url).href)
