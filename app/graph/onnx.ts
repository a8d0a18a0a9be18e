import { relative, sep } from 'node:path'
import type { Shape } from '../tensor/tensor.ts'
import type { Attribute, ExternalBytes, Graph, Initializer, Node, Value } from './graph.ts'
import { onnxTypes } from './ops/elementwise.ts'

/** A protobuf message under construction: fields are appended in order (https://protobuf.dev/programming-guides/encoding). */
class Message {
  #bytes = new Uint8Array(256)
  #length = 0

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  /** Field of type int32, int64, enum. */
  integer(field: number, value: number | bigint): this {
    this.#varint(field << 3)
    this.#varint(value)
    return this
  }

  float(field: number, value: number): this {
    this.#varint((field << 3) | 5)
    this.#reserve(4)
    new DataView(this.#bytes.buffer).setFloat32(this.#length, value, true)
    this.#length += 4
    return this
  }

  /** Field of type string, bytes or an embedded message. */
  block(field: number, value: string | Uint8Array | Message): this {
    const bytes = typeof value === 'string' ? Buffer.from(value) : value instanceof Message ? value.bytes : value
    this.#varint((field << 3) | 2)
    this.#varint(bytes.length)
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
    return this
  }

  #varint(value: number | bigint): void {
    this.#reserve(10)
    let rest = BigInt.asUintN(64, BigInt(value))
    while (rest > 127n) {
      this.#bytes[this.#length++] = Number(rest & 127n) | 128
      rest >>= 7n
    }
    this.#bytes[this.#length++] = Number(rest)
  }

  #reserve(extra: number): void {
    if (this.#length + extra <= this.#bytes.length) return
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + extra))
    larger.set(this.bytes)
    this.#bytes = larger
  }
}

/** Field numbers are those of onnx.proto3 (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3). */
function attributeProto(name: string, attribute: Attribute): Message {
  const message = new Message().block(1, name)
  if ('int' in attribute) return message.integer(3, attribute.int).integer(20, 2)
  if ('float' in attribute) return message.float(2, attribute.float).integer(20, 1)
  if ('string' in attribute) return message.block(4, attribute.string).integer(20, 3)
  for (const value of attribute.ints) message.integer(8, value)
  return message.integer(20, 7)
}

function nodeProto(node: Node): Message {
  const message = new Message()
  for (const input of node.inputs) message.block(1, input?.name ?? '')
  for (const output of node.outputs) message.block(2, output.name)
  message.block(3, node.outputs[0].name).block(4, node.op)
  for (const [name, attribute] of Object.entries(node.attributes)) message.block(5, attributeProto(name, attribute))
  return node.domain === '' ? message : message.block(7, node.domain)
}

function valueProto(value: Value): Message {
  const shape = new Message()
  for (const size of value.shape) shape.block(1, new Message().integer(1, size))
  const tensorType = new Message().integer(1, onnxTypes[value.type]).block(2, shape)
  return new Message().block(1, value.name).block(2, new Message().block(1, tensorType))
}

function tensorProto({ value, content }: Initializer, root: string): Message {
  const message = new Message()
  for (const size of value.shape satisfies Shape) message.integer(1, size)
  message.integer(2, onnxTypes[value.type]).block(8, value.name)
  if (content instanceof Uint8Array) return message.block(9, content)
  const entries = {
    location: relative(root, content.file).split(sep).join('/'),
    offset: content.offset,
    length: content.length,
  } satisfies Record<string, string | number>
  for (const [key, entry] of Object.entries(entries)) {
    message.block(13, new Message().block(1, key).block(2, String(entry)))
  }
  return message.integer(14, 1)
}

const isExternal = (initializer: Initializer): initializer is Initializer & { content: ExternalBytes } =>
  !(initializer.content instanceof Uint8Array)

/** Files that the graph's needed initializers point into. */
export function externalFiles(graph: Graph): string[] {
  return [
    ...new Set(
      neededInitializers(graph, graph.needed())
        .filter(isExternal)
        .map(each => each.content.file),
    ),
  ]
}

function neededInitializers(graph: Graph, nodes: readonly Node[]): Initializer[] {
  const names = new Set(nodes.flatMap(node => node.inputs.map(input => input?.name)))
  return [...graph.initializers.values()].filter(({ value }) => names.has(value.name))
}

/** ONNX of what the outputs need, as bytes: opset 21, IR 10. What nothing needs is left out.
 *  @param root folder that contains all weight files; their locations are written relative to it */
export function encodeOnnx(graph: Graph, root: string): Uint8Array {
  const nodes = graph.needed()
  const initializers = neededInitializers(graph, nodes)
  const message = new Message()
  // ONNX Runtime goes back from the results, the last node of the file first, and runs what each needs: written from the last to the first, nodes
  // run in the order in which they were built (measured with 1.30.0).
  for (const node of graph.runsInOrder ? nodes.toReversed() : nodes) message.block(1, nodeProto(node))
  message.block(2, 'sfumato')
  for (const initializer of initializers) message.block(5, tensorProto(initializer, root))
  for (const input of graph.inputs) message.block(11, valueProto(input))
  for (const { value, overridable } of initializers) if (overridable) message.block(11, valueProto(value))
  for (const output of graph.outputs) message.block(12, valueProto(output))
  return new Message()
    .integer(1, 10)
    .block(7, message)
    .block(8, new Message().block(1, '').integer(2, 21))
    .block(8, new Message().block(1, 'com.microsoft').integer(2, 1))
    .block(8, new Message().block(1, 'com.microsoft.nchwc').integer(2, 1))
    .bytes.slice()
}
