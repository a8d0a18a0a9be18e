import type { Texts } from './texts.ts'

/** English stands in the code itself; here are only the forms of the texts that say a number. */
export const english: Texts = {
  '{count} files': { one: '{count} file', other: '{count} files' },
  '{count} other files are left out.': {
    one: '{count} other file is left out.',
    other: '{count} other files are left out.',
  },
  '{count} bodies': { one: '{count} body', other: '{count} bodies' },
  '{count} layers': { one: '{count} layer', other: '{count} layers' },
  '{count} pictures': { one: '{count} picture', other: '{count} pictures' },
  '{count} variations are drawn; they come into the Gallery.': {
    one: '{count} variation is drawn; it comes into the Gallery.',
    other: '{count} variations are drawn; they come into the Gallery.',
  },
  'The model reads {limit} tokens; the last {count} words are left out.': {
    one: 'The model reads {limit} tokens; the last word is left out.',
    other: 'The model reads {limit} tokens; the last {count} words are left out.',
  },
  '{count} tokens, read in {chunks} parts of up to {limit}.': {
    one: '{count} token, read in {chunks} parts of up to {limit}.',
    other: '{count} tokens, read in {chunks} parts of up to {limit}.',
  },
  '{count} results are put away, kept in the Gallery.': {
    one: 'The result is put away, kept in the Gallery.',
    other: '{count} results are put away, kept in the Gallery.',
  },
  'These are {count} values; {most} are possible.': {
    one: 'This is {count} value; {most} are possible.',
    other: 'These are {count} values; {most} are possible.',
  },
  'These are {count} pictures; {most} are possible at once.': {
    one: 'This is {count} picture; {most} are possible at once.',
    other: 'These are {count} pictures; {most} are possible at once.',
  },
  '{count} pictures without a rating.': {
    one: '{count} picture without a rating.',
    other: '{count} pictures without a rating.',
  },
  '{count} pictures rated {rating}.': {
    one: '{count} picture rated {rating}.',
    other: '{count} pictures rated {rating}.',
  },
  '“{name}” is on {count} pictures.': {
    one: '“{name}” is on {count} picture.',
    other: '“{name}” is on {count} pictures.',
  },
  '“{name}” is off {count} pictures.': {
    one: '“{name}” is off {count} picture.',
    other: '“{name}” is off {count} pictures.',
  },
  '{count} pictures put on {name}.': {
    one: '{count} picture put on {name}.',
    other: '{count} pictures put on {name}.',
  },
  '{count} pictures taken off {name}.': {
    one: '{count} picture taken off {name}.',
    other: '{count} pictures taken off {name}.',
  },
  '{count} files were not added.': { one: '{count} file was not added.', other: '{count} files were not added.' },
  '{count} models are here: {parts}.': {
    one: '{count} model is here: {parts}.',
    other: '{count} models are here: {parts}.',
  },
  '{count} pictures use the seeds {from} to {to}': {
    one: '{count} picture uses the seeds {from} to {to}',
    other: '{count} pictures use the seeds {from} to {to}',
  },
  '{first} Neither were {count} others.': {
    one: '{first} Neither was another one.',
    other: '{first} Neither were {count} others.',
  },
  '{count} files cannot be read and are passed over.': {
    one: '{count} file cannot be read and is passed over.',
    other: '{count} files cannot be read and are passed over.',
  },
  '{count} pictures are there more than once; each copy counts again.': {
    one: '{count} picture is there more than once; each copy counts again.',
    other: '{count} pictures are there more than once; each copy counts again.',
  },
  '{count} pictures are small: the model sees them enlarged and learns the blur.': {
    one: '{count} picture is small: the model sees it enlarged and learns the blur.',
    other: '{count} pictures are small: the model sees them enlarged and learns the blur.',
  },
  '{count} pictures are left out.': { one: '{count} picture is left out.', other: '{count} pictures are left out.' },
  '{count} pictures have no words.': { one: '{count} picture has no words.', other: '{count} pictures have no words.' },
  '{count} classes: {names}.': { one: '{count} class: {names}.', other: '{count} classes: {names}.' },
  'Learns from {count} pictures.': { one: 'Learns from {count} picture.', other: 'Learns from {count} pictures.' },
  'Learns from {learned} pictures; {count} are held back, to tell when to stop.': {
    one: 'Learns from {learned} pictures; {count} is held back, to tell when to stop.',
    other: 'Learns from {learned} pictures; {count} are held back, to tell when to stop.',
  },
  '{count} more are missing or made for another kind of model.': {
    one: '{count} more is missing or made for another kind of model.',
    other: '{count} more are missing or made for another kind of model.',
  },
  '{count} figures': { one: '{count} figure', other: '{count} figures' },
}
