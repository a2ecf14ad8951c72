package codec

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"

	"github.com/ulikunitz/xz/lzma"
)

func (x *xzReader) streamHeader() error {
	var h [12]byte
	if err := x.full(h[:]); err != nil {
		return err
	}
	if string(h[:6]) != xzMagic || h[6] != 0 || crc32.ChecksumIEEE(h[6:8]) != binary.LittleEndian.Uint32(h[8:]) {
		return ErrCorrupt
	}
	x.flags, x.index = h[7], nil
	if _, ok := xzCheck(x.flags); !ok {
		return ErrCorrupt
	}
	return nil
}

// blockHeader reads the header of a block, which has the one filter LZMA2, and makes its decoder.
func (x *xzReader) blockHeader(size byte) error {
	h := make([]byte, (int(size)+1)*4)
	h[0] = size
	if err := x.full(h[1:]); err != nil {
		return err
	}
	body := h[:len(h)-4]
	if crc32.ChecksumIEEE(body) != binary.LittleEndian.Uint32(h[len(body):]) {
		return ErrCorrupt
	}
	flags, rest := body[1], bytes.NewReader(body[2:])
	if flags&0x3f != 0 {
		return ErrCorrupt // reserved bits, or more filters than LZMA2
	}
	for i := range x.sizes {
		x.sizes[i] = -1
		if flags&(0x40<<i) != 0 {
			n, err := binary.ReadUvarint(rest)
			if err != nil || n > 1<<62 {
				return ErrCorrupt
			}
			x.sizes[i] = int64(n)
		}
	}
	var filter [3]byte // its id, the length of its properties, the dictionary's size
	if _, err := io.ReadFull(rest, filter[:]); err != nil || filter[0] != 0x21 || filter[1] != 1 {
		return ErrCorrupt
	}
	dict, err := lzma.DecodeDictCap(filter[2])
	if err != nil {
		return ErrCorrupt
	}
	x.memory.release()
	h2, err := hold(x.memory.budget, int(dict)+1<<20)
	if err != nil {
		return err
	}
	*x.memory = *h2
	x.count = &countingReader{r: x.in}
	if x.block, err = (lzma.Reader2Config{DictCap: int(max(dict, lzma.MinDictCap))}).NewReader2(x.count); err != nil {
		return ErrCorrupt
	}
	x.check, _ = xzCheck(x.flags)
	x.head, x.plain = int64(len(h)), 0
	return nil
}

// endBlock reads the padding and the check of a block.
func (x *xzReader) endBlock() error {
	packed := x.count.n
	padding := make([]byte, -packed&3)
	if err := x.full(padding); err != nil {
		return err
	}
	record := xzRecord{uint64(x.head + packed), uint64(x.plain)}
	if x.check != nil {
		stored := make([]byte, x.check.Size())
		if err := x.full(stored); err != nil {
			return err
		}
		sum := x.check.Sum(nil)
		if x.flags != 10 { // CRCs are stored little-endian
			for i, j := 0, len(sum)-1; i < j; i, j = i+1, j-1 {
				sum[i], sum[j] = sum[j], sum[i]
			}
		}
		if !bytes.Equal(sum, stored) {
			return ErrCorrupt
		}
		record.unpadded += uint64(len(stored))
	}
	if x.sizes[0] >= 0 && x.sizes[0] != packed || x.sizes[1] >= 0 && x.sizes[1] != x.plain || len(x.index) >= 1<<20 {
		return ErrCorrupt
	}
	x.index = append(x.index, record)
	x.block = nil
	return nil
}

// endStream reads the index and the footer, and compares them with what was read.
func (x *xzReader) endStream() error {
	crc := crc32.NewIEEE()
	crc.Write([]byte{0})
	length := int64(1)
	number := func() uint64 {
		n, err := binary.ReadUvarint(byteFunc(func() (byte, error) {
			b, err := x.in.ReadByte()
			if err == nil {
				crc.Write([]byte{b})
				length++
			}
			return b, err
		}))
		if err != nil {
			return ^uint64(0)
		}
		return n
	}
	if number() != uint64(len(x.index)) {
		return ErrCorrupt
	}
	for _, r := range x.index {
		if number() != r.unpadded || number() != r.plain {
			return ErrCorrupt
		}
	}
	rest := make([]byte, -length&3+4+12) // padding, checksum, footer
	if err := x.full(rest); err != nil {
		return err
	}
	padding := rest[:len(rest)-16]
	crc.Write(padding)
	sum, footer := rest[len(padding):][:4], rest[len(padding)+4:]
	if binary.LittleEndian.Uint32(sum) != crc.Sum32() || string(footer[10:]) != "YZ" || footer[9] != x.flags ||
		binary.LittleEndian.Uint32(footer) != crc32.ChecksumIEEE(footer[4:10]) {
		return ErrCorrupt
	}
	return nil
}

// xzRecord is what the index says of a block.
type xzRecord struct{ unpadded, plain uint64 }
