_base_ = ['../../../_base_/stamps_vqa.py', '../../../_base_/methods/depalm_qp_layer0.py']
